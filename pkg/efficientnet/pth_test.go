package efficientnet

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/weights"
)

func readTestdata(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestParsePTH: axes in another order, a view into the middle of a storage, whole numbers, no axes.
func TestParsePTH(t *testing.T) {
	got, err := ParsePTH(readTestdata(t, "small.pth"))
	if err != nil {
		t.Fatal(err)
	}
	transposed := make([]float32, 0, 24) // [4, 2, 3]
	for i := range 4 {
		for j := range 6 {
			transposed = append(transposed, float32(j*4+i))
		}
	}
	want := map[string]weights.Tensor{
		"transposed": {Shape: []int{4, 2, 3}, Data: transposed},
		"view":       {Shape: []int{2, 2}, Data: []float32{6, 7, 9, 10}},
		"count":      {Shape: []int{}, Data: []int64{7}},
		"scalar":     {Shape: []int{}, Data: []float32{0.5}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDamagedPTH(t *testing.T) {
	small := readTestdata(t, "small.pth")
	replaced := func(old, new string) []byte { return bytes.Replace(small, []byte(old), []byte(new), 1) }
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"nothing":        {nil, "is no PyTorch file: 0 bytes"},
		"a text":         {[]byte("hello\nworld"), `is no PyTorch file: 11 bytes beginning with "hello\nwo"`},
		"a pickle":       {[]byte("\x80\x02K\x01."), "is no PyTorch file"},
		"newer form":     {readTestdata(t, "newer_form.pth"), "newer form"},
		"cut off":        {small[:len(small)-1], "cut off or damaged: storage"},
		"cut in pickles": {small[:200], "cut off or damaged: part"},
		"too long":       {append(slices.Clone(small), 0), "1 bytes follow"},
		"a program":      {replaced("ctorch\nFloatStorage\n", "cos\nsystem\n"), `"os.system" is not allowed`},
		"half precision": {replaced("FloatStorage", "HalfStorage"), `"torch.HalfStorage" is not allowed`},
	} {
		_, err := ParsePTH(c.content)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
	for length := range small {
		if _, err := ParsePTH(small[:length]); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("the first %d bytes: error is %v", length, err)
		}
	}
	// Any other byte: a panic fails the test, and so does a message of several lines.
	for at := range small {
		damaged := slices.Clone(small)
		damaged[at] ^= 1
		if _, err := ParsePTH(damaged); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("byte %d: error is %v", at, err)
		}
	}
}

func TestOpenNamesTheFile(t *testing.T) {
	cut := filepath.Join(t.TempDir(), "cut.pth")
	if err := os.WriteFile(cut, readTestdata(t, "small.pth")[:300], 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"testdata/small.pth":   "not the weights of EfficientNet-Lite0: _blocks.0._bn1.bias is missing;",
		"testdata/missing.pth": "scripts/encoder.sh",
		cut:                    "cut off or damaged",
		t.TempDir():            "directory",
	} {
		_, err := Open(path, nil)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want %q", path, err, want)
		}
	}
}

func TestFillIsStrict(t *testing.T) {
	complete := randomParameters()
	for want, change := range map[string]func(map[string]weights.Tensor){
		"_conv_head.weight is missing": func(p map[string]weights.Tensor) { delete(p, "_conv_head.weight") },
		"_bn1.bias is F32 [2]: expected F32 [1280]": func(p map[string]weights.Tensor) {
			p["_bn1.bias"] = weights.Tensor{Shape: []int{2}, Data: []float32{1, 2}}
		},
		"_bn0.weight is I64 [32]": func(p map[string]weights.Tensor) {
			p["_bn0.weight"] = weights.Tensor{Shape: []int{32}, Data: make([]int64, 32)}
		},
		"and 242 more": func(p map[string]weights.Tensor) { clear(p) },
	} {
		parameters, store := maps.Clone(complete), model.NewStore()
		change(parameters)
		err := Fill(store.RootScope(), parameters)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
		if store.NumVariables() > 0 {
			t.Errorf("%s: %d variables were made", want, store.NumVariables())
		}
	}
}

// TestLayouts: strides that reach beyond the storage are errors, whatever their size.
func TestLayouts(t *testing.T) {
	const most = int(^uint(0) >> 1)
	for _, c := range []struct {
		offset         int
		shape, strides []int
	}{
		{0, []int{2, 2}, []int{2}}, {-1, []int{1}, []int{1}}, {0, []int{-1}, []int{1}}, {0, []int{2}, []int{-1}},
		{3, []int{2}, []int{1}}, {4, []int{}, []int{}}, {0, []int{5}, []int{0}}, {0, []int{2}, []int{4}},
		{0, []int{most, most}, []int{0, 0}}, {0, []int{2, 2}, []int{most, most}}, {most, []int{2}, []int{1}}, {0, []int{1, most}, []int{most, most}},
	} {
		if got, err := rowMajor(tensorOf(c.offset, c.shape, c.strides), make([]float32, 4)); err == nil {
			t.Errorf("offset %d, shape %v, strides %v: got %v", c.offset, c.shape, c.strides, got)
		}
	}
	got, err := rowMajor(tensorOf(4, []int{2, 0}, []int{1, 1}), make([]float32, 4))
	if err != nil || len(got.Floats()) != 0 {
		t.Errorf("an empty tensor: %v, error %v", got, err)
	}
}
