// Package weights carries a model's weights between GoMLX and PyTorch, by safetensors files with
// the originals' parameter names.
package weights

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
)

// Tensor is one array of a safetensors file. Data is []float32 or []int64, in row-major order.
type Tensor struct {
	Shape []int
	Data  any
}

// Floats is the data of a float32 tensor; it panics on another type.
func (t Tensor) Floats() []float32 { return t.Data.([]float32) }

// Ints is the data of an int64 tensor; it panics on another type.
func (t Tensor) Ints() []int64 { return t.Data.([]int64) }

// ReadFile reads all tensors of a safetensors file.
func ReadFile(path string) (map[string]Tensor, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	tensors, err := Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, nil
}

// entry is what the header says about one tensor.
type entry struct {
	DType   string  `json:"dtype"`
	Shape   []int   `json:"shape"`
	Offsets [2]uint `json:"data_offsets"`
}

// Parse reads the tensors of a safetensors file's content: eight bytes with the length of a JSON
// header, the header, the data. F32 and I64 are understood. Whatever the bytes, it does not panic
// and allocates no more than the tensors that are really there.
//
// The reader of go-huggingface is made for whole downloaded repositories and trusts its files; this
// one is for files that a user hands over.
func Parse(content []byte) (map[string]Tensor, error) {
	if len(content) < 8 {
		return nil, fmt.Errorf("is not safetensors: %d bytes, at least 8 expected", len(content))
	}
	length, data := binary.LittleEndian.Uint64(content), content[8:]
	if length > uint64(len(data)) {
		return nil, fmt.Errorf("is not safetensors or cut off: a header of %d bytes in a file of %d", length, len(content))
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[:length], &header); err != nil {
		return nil, fmt.Errorf("the safetensors header is not JSON: %w", err)
	}
	data = data[length:]
	delete(header, "__metadata__")
	tensors, used := make(map[string]Tensor, len(header)), uint(0)
	for name, raw := range header {
		var e entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("tensor %q: the header is damaged: %w", name, err)
		}
		used += e.Offsets[1] - e.Offsets[0]
		if e.Offsets[0] > e.Offsets[1] || e.Offsets[1] > uint(len(data)) || used > uint(len(data)) {
			return nil, fmt.Errorf("tensor %q: bytes %d to %d of %d, or tensors overlap", name, e.Offsets[0], e.Offsets[1], len(data))
		}
		tensor, err := e.decode(data[e.Offsets[0]:e.Offsets[1]])
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		tensors[name] = tensor
	}
	return tensors, nil
}

// decode turns the bytes of one tensor into numbers.
func (e entry) decode(data []byte) (Tensor, error) {
	width := map[string]int{"F32": 4, "I64": 8}[e.DType]
	if width == 0 {
		return Tensor{}, fmt.Errorf("type %q: F32 or I64 expected", e.DType)
	}
	size := 1
	for _, dim := range e.Shape {
		if dim < 0 || (dim > 0 && size > math.MaxInt32/dim) {
			return Tensor{}, fmt.Errorf("shape %v is impossible", e.Shape)
		}
		size *= dim
	}
	if size*width != len(data) {
		return Tensor{}, fmt.Errorf("shape %v of %s needs %d bytes, the file has %d", e.Shape, e.DType, size*width, len(data))
	}
	if e.DType == "I64" {
		values := make([]int64, size)
		for i := range values {
			values[i] = int64(binary.LittleEndian.Uint64(data[8*i:]))
		}
		return Tensor{e.Shape, values}, nil
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return Tensor{e.Shape, values}, nil
}
