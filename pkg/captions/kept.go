package captions

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// inMemory is up to how many bytes decoded pictures are kept in memory; a variable for tests.
var inMemory = 256 << 20

// kept holds decoded pictures of one size by number: in memory, or, where they are many, in a temporary file that is
// mapped into memory, so that the system can take the memory back whenever it is short.
type kept struct {
	pictures [][]float32
	width    int // numbers of a picture
	file     *os.File
	next     atomic.Int64
}

// newKept has room for so many pictures.
func newKept(pictures, width int) (*kept, error) {
	k := &kept{pictures: make([][]float32, pictures), width: width}
	if pictures <= inMemory/(4*width) {
		return k, nil
	}
	file, err := os.CreateTemp("", "seemore-pictures-*")
	if err != nil {
		return nil, err
	}
	k.file = file
	return k, os.Remove(file.Name()) // its space is free again when nobody has it open or mapped
}

// put keeps a picture and returns its number.
func (k *kept) put(pixels []float32) (int, error) {
	number := int(k.next.Add(1)) - 1
	if k.file == nil {
		k.pictures[number] = pixels
		return number, nil
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&pixels[0])), 4*len(pixels))
	if _, err := k.file.WriteAt(bytes, int64(number)*int64(len(bytes))); err != nil {
		return 0, fmt.Errorf("decoded pictures of %d bytes are kept in %s (TMPDIR chooses another place): %w", 4*k.width*len(k.pictures), os.TempDir(), err)
	}
	return number, nil
}

// all are the pictures that were put; nothing can be put any more.
func (k *kept) all() ([][]float32, error) {
	n := int(k.next.Load())
	if k.file == nil || n == 0 {
		return k.pictures[:n], nil
	}
	defer k.file.Close()
	// Whoever writes into a picture changes a copy; the mapping lasts as long as the program.
	mapped, err := syscall.Mmap(int(k.file.Fd()), 0, 4*k.width*n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("decoded pictures cannot be mapped into memory: %w", err)
	}
	for i := range n {
		k.pictures[i] = unsafe.Slice((*float32)(unsafe.Pointer(&mapped[4*k.width*i])), k.width)
	}
	return k.pictures[:n], nil
}
