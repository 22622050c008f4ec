package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
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

// DType is the type's name in safetensors.
func (t Tensor) DType() string {
	if _, ok := t.Data.([]int64); ok {
		return "I64"
	}
	return "F32"
}

// File is the content of a safetensors file.
type File struct {
	Tensors  map[string]Tensor
	Metadata map[string]string // free text, nil in most files
}

// Read reads a whole safetensors file. F32 and I64 are understood.
//
// The reader of go-huggingface is made for repositories that were downloaded: it allocates whatever
// header length a file claims and slices its memory map at offsets that it does not check, so a
// damaged file panics. This one is for files that a user hands over. Whatever the bytes, it returns
// an error of one line, and it needs the memory of the header and of the numbers, not more.
func Read(path string) (File, error) {
	opened, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("%s: is not a regular file", path)
	}
	file, err := read(opened, info.Size())
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

// ReadFile reads the tensors of a safetensors file.
func ReadFile(path string) (map[string]Tensor, error) {
	file, err := Read(path)
	return file.Tensors, err
}

// Parse reads the tensors of a safetensors file's content.
func Parse(content []byte) (map[string]Tensor, error) {
	file, err := read(bytes.NewReader(content), int64(len(content)))
	return file.Tensors, err
}

// read checks the header first, then fills one array after the other from the file.
func read(from io.ReaderAt, size int64) (File, error) {
	entries, metadata, dataStart, err := readHeader(from, size)
	if err != nil {
		return File{}, err
	}
	file := File{make(map[string]Tensor, len(entries)), metadata}
	data := io.NewSectionReader(from, dataStart, size-dataStart)
	buffer := make([]byte, min(64<<10, size-dataStart))
	for _, e := range entries {
		tensor := Tensor{Shape: e.Shape}
		if e.DType == "I64" {
			values := make([]int64, e.size)
			err = fill(data, buffer, values, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
			tensor.Data = values
		} else {
			values := make([]float32, e.size)
			err = fill(data, buffer, values, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) })
			tensor.Data = values
		}
		if err != nil {
			return File{}, fmt.Errorf("tensor %s: %w", quoted(e.name), err)
		}
		file.Tensors[e.name] = tensor
	}
	return file, nil
}

// fill decodes the next numbers of data into values, a buffer at a time.
func fill[T float32 | int64](data io.Reader, buffer []byte, values []T, decode func([]byte) T) error {
	width := binary.Size(T(0))
	for len(values) > 0 {
		n := min(len(values), len(buffer)/width)
		if _, err := io.ReadFull(data, buffer[:n*width]); err != nil {
			return err
		}
		for i := range n {
			values[i] = decode(buffer[i*width:])
		}
		values = values[n:]
	}
	return nil
}
