package weights

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
)

// Write writes a safetensors file that Python's library reads. It is written under another name,
// synced and renamed, so that path is the old file or the new one, whatever happens.
func Write(path string, file File) error {
	folder := filepath.Dir(path)
	temporary, err := os.CreateTemp(folder, ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // fails once it is renamed
	err = errors.Join(write(temporary, file), temporary.Chmod(0o644), temporary.Sync(), temporary.Close())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	opened, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}

// write writes header and numbers.
func write(to io.Writer, file File) error {
	header, names, err := buildHeader(file)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(to, 64<<10)
	buffered.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) // errors stay until Flush
	buffered.Write(header)
	var number [8]byte
	for _, name := range names {
		switch data := file.Tensors[name].Data.(type) {
		case []float32:
			for _, value := range data {
				buffered.Write(binary.LittleEndian.AppendUint32(number[:0], math.Float32bits(value)))
			}
		case []int64:
			for _, value := range data {
				buffered.Write(binary.LittleEndian.AppendUint64(number[:0], uint64(value)))
			}
		}
	}
	return buffered.Flush()
}

// buildHeader lays the tensors out, the widest type first so that all are aligned, and describes
// them.
func buildHeader(file File) (header []byte, names []string, err error) {
	names = slices.SortedFunc(maps.Keys(file.Tensors), func(a, b string) int {
		wider := cmp.Compare(widths[file.Tensors[b].DType()], widths[file.Tensors[a].DType()])
		return cmp.Or(wider, cmp.Compare(a, b))
	})
	text := bytes.NewBufferString("{")
	add := func(key string, value any) {
		k, _ := json.Marshal(key) // strings always encode
		v, encodeErr := json.Marshal(value)
		err = errors.Join(err, encodeErr)
		if text.Len() > 1 {
			text.WriteByte(',')
		}
		fmt.Fprintf(text, "%s:%s", k, v)
	}
	if len(file.Metadata) > 0 {
		add("__metadata__", file.Metadata)
	}
	offset := 0
	for _, name := range names {
		tensor := file.Tensors[name]
		end := offset + widths[tensor.DType()]*product(tensor.Shape)
		e := entry{name: name, DType: tensor.DType(), Shape: append(integers{}, tensor.Shape...), Offsets: integers{offset, end}}
		if err := errors.Join(e.check(), checkLength(tensor)); err != nil {
			return nil, nil, fmt.Errorf("tensor %s: %w", quoted(name), err)
		}
		add(name, e)
		offset = end
	}
	text.WriteByte('}')
	for text.Len()%8 != 0 {
		text.WriteByte(' ')
	}
	return text.Bytes(), names, err
}

// checkLength compares a tensor's shape with its data.
func checkLength(tensor Tensor) error {
	var length int
	switch data := tensor.Data.(type) {
	case []float32:
		length = len(data)
	case []int64:
		length = len(data)
	default:
		return fmt.Errorf("data is %T: []float32 or []int64 expected", tensor.Data)
	}
	if want := product(tensor.Shape); length != want {
		return fmt.Errorf("%d numbers for shape %v: expected %d", length, tensor.Shape, want)
	}
	return nil
}
