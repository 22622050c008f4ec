package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// entry is what the header says about one tensor.
type entry struct {
	DType   string   `json:"dtype"`
	Shape   integers `json:"shape"`
	Offsets integers `json:"data_offsets"`

	name string
	size int // how many numbers
}

// integers is a short JSON list.
type integers []int

// UnmarshalJSON refuses a long list before it takes memory.
func (list *integers) UnmarshalJSON(text []byte) error {
	if n := bytes.Count(text, []byte(",")) + 1; n > 8 {
		return fmt.Errorf("a list of %d numbers: at most 8 expected", n)
	}
	return json.Unmarshal(text, (*[]int)(list))
}

// widths are the bytes of a number of each type that is understood.
var widths = map[string]int{"F32": 4, "I64": 8}

// readHeader reads and checks the first part of a file: eight bytes with the length of a JSON object,
// then the object. The tensors it lists, in the order of their data, fill the rest of the file.
func readHeader(from io.ReaderAt, size int64) (entries []entry, metadata map[string]string, dataStart int64, err error) {
	var prefix [8]byte
	if size < int64(len(prefix)) {
		return nil, nil, 0, fmt.Errorf("is not safetensors: %d bytes, at least 8 expected", size)
	}
	if _, err := from.ReadAt(prefix[:], 0); err != nil {
		return nil, nil, 0, err
	}
	length, rest := binary.LittleEndian.Uint64(prefix[:]), uint64(size)-8
	if length > rest {
		return nil, nil, 0, fmt.Errorf("is not safetensors or cut off: a header of %d bytes in a file of %d", length, size)
	}
	// Parsed, a header needs a few times its length in memory; no real one is large beside its numbers.
	if data := rest - length; length > 64<<10+data/4 {
		return nil, nil, 0, fmt.Errorf("is not safetensors: a header of %d bytes for %d bytes of numbers", length, data)
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(io.NewSectionReader(from, 8, int64(length)), header); err != nil {
		return nil, nil, 0, err
	}
	entries, metadata, err = parseHeader(header)
	if err != nil {
		return nil, nil, 0, err
	}
	return entries, metadata, 8 + int64(length), checkLayout(entries, int(rest-length))
}

// parseHeader goes through the JSON object name by name, so that nothing is kept twice.
func parseHeader(header []byte) (entries []entry, metadata map[string]string, err error) {
	decoder := json.NewDecoder(bytes.NewReader(header))
	decoder.DisallowUnknownFields()
	damaged := func(err error) error { return fmt.Errorf("the safetensors header is damaged: %w", err) }
	if token, err := decoder.Token(); err != nil {
		return nil, nil, damaged(err)
	} else if token != json.Delim('{') {
		return nil, nil, damaged(errors.New("it is no JSON object"))
	}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, nil, damaged(err)
		}
		name := token.(string) // the decoder allows no other key
		if name == "__metadata__" {
			if err := decoder.Decode(&metadata); err != nil {
				return nil, nil, damaged(fmt.Errorf("__metadata__: %w", err))
			}
			continue
		}
		e := entry{name: name}
		if err := decoder.Decode(&e); err != nil {
			return nil, nil, damaged(fmt.Errorf("tensor %s: %w", quoted(name), err))
		}
		if err := e.check(); err != nil {
			return nil, nil, fmt.Errorf("tensor %s: %w", quoted(name), err)
		}
		entries = append(entries, e)
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return nil, nil, damaged(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, nil, damaged(errors.New("something follows the JSON object"))
	}
	return entries, metadata, nil
}

// check compares type, shape and bytes of one tensor.
func (e *entry) check() error {
	width := widths[e.DType]
	if width == 0 {
		return fmt.Errorf("type %s: F32 or I64 expected", quoted(e.DType))
	}
	if e.Shape == nil || len(e.Offsets) != 2 {
		return errors.New("needs a shape and two data_offsets")
	}
	if e.Offsets[0] < 0 || e.Offsets[0] > e.Offsets[1] {
		return fmt.Errorf("bytes %d to %d are impossible", e.Offsets[0], e.Offsets[1])
	}
	bytes := e.Offsets[1] - e.Offsets[0]
	size := 1
	for _, dim := range e.Shape {
		if dim < 0 {
			return fmt.Errorf("shape %v is impossible", e.Shape)
		}
		if dim > 0 && size > bytes/dim { // more numbers than bytes; the product may overflow
			return fmt.Errorf("shape %v of %s does not fit in %d bytes", e.Shape, e.DType, bytes)
		}
		size *= dim
	}
	if size*width != bytes {
		return fmt.Errorf("shape %v of %s needs %d bytes, it has %d", e.Shape, e.DType, size*width, bytes)
	}
	e.size = size
	return nil
}

// checkLayout puts the tensors in the order of their data, which they fill without gap or overlap,
// and checks that each name appears once.
func checkLayout(entries []entry, dataSize int) error {
	slices.SortFunc(entries, func(a, b entry) int {
		return slices.Compare(a.Offsets, b.Offsets)
	})
	end, seen := 0, make(map[string]bool, len(entries))
	for _, e := range entries {
		if seen[e.name] {
			return fmt.Errorf("tensor %s is there twice", quoted(e.name))
		}
		seen[e.name] = true
		if e.Offsets[0] != end {
			return fmt.Errorf("tensor %s begins at byte %d: the one before ends at %d", quoted(e.name), e.Offsets[0], end)
		}
		end = e.Offsets[1]
	}
	if end != dataSize {
		return fmt.Errorf("the tensors need %d bytes, the file has %d: it is cut off or damaged", end, dataSize)
	}
	return nil
}

// quoted is a name from a file, fit for a message of one line.
func quoted(name string) string {
	const most = 100
	if len(name) > most {
		name = name[:most] + "…"
	}
	return fmt.Sprintf("%q", name)
}
