package weights

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// sample has both types, a scalar, an empty tensor, names that need escapes and special numbers.
func sample() File {
	return File{
		Tensors: map[string]Tensor{
			"a.weight":    {[]int{2, 3}, []float32{0, -1.5, float32(math.Inf(1)), math.SmallestNonzeroFloat32, 4, float32(math.NaN())}},
			"ids":         {[]int{3}, []int64{math.MinInt64, 0, math.MaxInt64}},
			"scalar":      {[]int{}, []float32{7}},
			"empty":       {[]int{0, 4}, []float32{}},
			"é \"<&>\"\n": {[]int{1}, []float32{1}},
		},
		Metadata: map[string]string{"format": "pt", "config": `{"a": "b"}`},
	}
}

// content builds a file from a header and data.
func content(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestWriteAndRead(t *testing.T) {
	for name, file := range map[string]File{"sample": sample(), "nothing": {}} {
		path := filepath.Join(t.TempDir(), "file")
		if err := Write(path, file); err != nil {
			t.Fatal(name, err)
		}
		got, err := Read(path)
		if err != nil {
			t.Fatal(name, err)
		}
		if !maps.Equal(got.Metadata, file.Metadata) || !slices.Equal(slices.Sorted(maps.Keys(got.Tensors)), slices.Sorted(maps.Keys(file.Tensors))) {
			t.Errorf("%s: got %v, want %v", name, got, file)
		}
		for tensor, want := range file.Tensors {
			// Printed with %x, since a NaN is not equal to itself.
			if g, w := fmt.Sprintf("%x", got.Tensors[tensor]), fmt.Sprintf("%x", want); g != w {
				t.Errorf("%s %q: got %s, want %s", name, tensor, g, w)
			}
		}
	}
}

func TestWriteLeavesTheOldFileAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := Write(path, sample()); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	wrong := File{Tensors: map[string]Tensor{"x": {[]int{2}, []float32{1}}}}
	if err := Write(path, wrong); err == nil || !strings.Contains(err.Error(), "1 numbers for shape [2]: expected 2") {
		t.Errorf("error is %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("a failed write changed the file")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("files left: %v", left)
	}
}

// damagedFiles are contents that must not be accepted, with a part of the message.
var damagedFiles = map[string]struct {
	content []byte
	want    string
}{
	"nothing":     {nil, "0 bytes, at least 8 expected"},
	"huge header": {binary.LittleEndian.AppendUint64(nil, math.MaxUint64), "a header of 18446744073709551615 bytes"},
	"a text":      {[]byte("not a safetensors file at all"), "is not safetensors or cut off"},
	"no JSON":     {content("abcdefgh", 0), "header is damaged"},
	"a list":      {content("[]", 0), "no JSON object"},
	"cut off":     {content(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 7), "need 8 bytes, the file has 7"},
	"too long":    {content(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 9), "need 8 bytes, the file has 9"},
	"wrong size":  {content(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, 8), "[3] of F32 needs 12 bytes, it has 8"},
	"overflow":    {content(`{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,8]}}`, 8), "does not fit in 8 bytes"},
	"negative":    {content(`{"a":{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]}}`, 8), "impossible"},
	"backwards":   {content(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, 8), "impossible"},
	"half type":   {content(`{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}`, 4), `type "F16": F32 or I64 expected`},
	"no shape":    {content(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), "needs a shape"},
	"overlap": {content(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8),
		`"b" begins at byte 4`},
	"gap": {content(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}`, 12),
		`"b" begins at byte 8`},
	"twice": {content(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8), "there twice"},
	"null":  {content(`{"a":null}`, 0), `type ""`},
	"many names": {content("{"+strings.Repeat(`"":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`, 100_000)+"}", 0),
		"bytes for 0 bytes of numbers"},
	"many axes": {content(`{"a":{"dtype":"F32","shape":[0`+strings.Repeat(",0", 10_000)+`],"data_offsets":[0,0]}}`, 0), "a list of 10001 numbers"},
	"newline":   {content("{\"a\\nb\":{}}", 0), `tensor "a\nb"`},
}

func TestDamagedFilesAreErrors(t *testing.T) {
	for name, c := range damagedFiles {
		_, err := Parse(c.content)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
	for _, path := range []string{t.TempDir(), "/dev/zero", filepath.Join(t.TempDir(), "missing")} {
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error is %v", path, err)
		}
	}
}

// FuzzParse wants no panic, no allocation beyond twice the content, and that what is accepted is
// written and read back the same.
func FuzzParse(f *testing.F) {
	for _, c := range damagedFiles {
		f.Add(c.content)
	}
	var sound bytes.Buffer
	if err := write(&sound, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(sound.Bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		file, err := read(bytes.NewReader(content), int64(len(content)))
		runtime.ReadMemStats(&after)
		// Fixed-size buffers and the JSON decoder's own come on top; other goroutines allocate too.
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(2*len(content)+2<<20); used > most {
			t.Errorf("%d bytes allocated for a file of %d", used, len(content))
		}
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		var again bytes.Buffer
		if err := write(&again, file); err != nil {
			t.Fatal(err)
		}
		back, err := read(bytes.NewReader(again.Bytes()), int64(again.Len()))
		if err != nil || !reflect.DeepEqual(maps.Clone(back.Metadata), maps.Clone(file.Metadata)) ||
			fmt.Sprintf("%x", back.Tensors) != fmt.Sprintf("%x", file.Tensors) {
			t.Errorf("read %v, written and read back %v, error %v", file, back, err)
		}
	})
}
