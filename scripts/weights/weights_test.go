package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"seemore/pkg/backend"
	"seemore/pkg/training"
	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// Weights that the originals' code saved.
const (
	original = "../../pkg/parity/testdata/B_tiny_dense/weights.safetensors"
	mixture  = "../../pkg/parity/testdata/B_tiny_moe/weights.safetensors"
)

// TestThereAndBack takes weights of the originals' code through a run folder and back, twice: not a
// bit changes, and the run writes captions.
func TestThereAndBack(t *testing.T) {
	t.Run("dense", func(t *testing.T) { thereAndBack(t, original) })
	t.Run("mixture of experts", func(t *testing.T) { thereAndBack(t, mixture) })
}

func thereAndBack(t *testing.T, original string) {
	folder := t.TempDir()
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	one, two := filepath.Join(folder, "one.safetensors"), filepath.Join(folder, "two.safetensors")
	for _, command := range [][]string{
		{"from-pytorch", original, "--run", first, "--step", "7"}, {"to-pytorch", "--run", first, one},
		{"from-pytorch", one, "--run", second}, {"to-pytorch", "--run", second, two},
	} {
		if err := run(command); err != nil {
			t.Fatal(command, err)
		}
	}
	want, err := weights.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	got, err := weights.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%x", got) != fmt.Sprintf("%x", want) {
		t.Error("weights change on the way")
	}
	a, _ := os.ReadFile(one)
	b, _ := os.ReadFile(two)
	if len(a) == 0 || !slices.Equal(a, b) {
		t.Error("the second file differs from the first")
	}
	configs := [2]string{}
	for i, folder := range []string{first, second} {
		content, err := os.ReadFile(filepath.Join(folder, "config.json"))
		if err != nil {
			t.Fatal(err)
		}
		configs[i] = string(content)
	}
	if configs[0] != configs[1] {
		t.Errorf("configuration %s becomes %s", configs[0], configs[1])
	}
	caption(t, second)
}

// caption opens the run and writes a caption for a grey picture.
func caption(t *testing.T, folder string) {
	opened, _, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	trained, err := training.Open(folder, nil, opened)
	if err != nil {
		t.Fatal(err)
	}
	if trained.Step != 7 {
		t.Errorf("step is %d, want 7", trained.Step)
	}
	size := trained.Config.Model.Vision.ImageSize
	if _, err := trained.Caption([][]float32{make([]float32, size*size*3)}, vlm.Sampling{Prompt: []int32{1}}); err != nil {
		t.Error(err)
	}
}

func TestErrorsLeaveNothingBehind(t *testing.T) {
	folder := t.TempDir()
	file, there := filepath.Join(folder, "file.safetensors"), filepath.Join(folder, "there")
	if err := run([]string{"from-pytorch", original, "--run", there}); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"to-pytorch", "--run", there, file}); err != nil {
		t.Fatal(err)
	}
	damaged, err := weights.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	delete(damaged.Tensors, "decoder.lm_head.bias")
	damaged.Tensors["decoder.ln_f.weight"] = weights.Tensor{Shape: []int{1}, Data: []float32{1}}
	lacking := filepath.Join(folder, "lacking.safetensors")
	if err := weights.Write(lacking, damaged); err != nil {
		t.Fatal(err)
	}
	run1 := filepath.Join(folder, "new")
	for _, test := range []struct{ arguments, want string }{
		{"", "usage"},
		{"sideways a b", `"sideways" is unknown`},
		{"from-pytorch " + file, "usage"},
		{"from-pytorch " + file + " --run " + there, "is there already"},
		{"from-pytorch " + file + " --run " + run1 + " --text-length 9", "--text-length is 9: the file says 64"},
		{"from-pytorch " + original + " --run " + run1 + " --top-k 2", "the file's model has no experts"},
		{"from-pytorch " + lacking + " --run " + run1, "decoder.lm_head.bias is missing: expected [66]"},
		{"from-pytorch " + lacking + " --run " + run1, "decoder.ln_f.weight has shape [1]: expected [32]"},
		{"from-pytorch " + folder + "/none --run " + run1, "no such file"},
		{"to-pytorch --run " + run1 + " " + file, "is not a run folder"},
		{"to-pytorch --run " + there + " " + folder + "/missing/file", "no such file"},
	} {
		err := run(strings.Fields(test.arguments))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error is %v, want %q", test.arguments, err, test.want)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 3 { // there, file and lacking
		t.Errorf("left behind: %v", entries)
	}
}
