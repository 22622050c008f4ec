package weights

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
)

// models are both originals, in small and in odd sizes.
func models() map[string][]Piece {
	dense := vlm.TinyConfig()
	dense.Vision.NumHeads, dense.Decoder.NumHeads, dense.Decoder.NumBlocks = 2, 1, 3
	mixture := vlm.TinyConfig()
	mixture.Decoder.NumExperts, mixture.Decoder.TopK = 3, 2
	return map[string][]Piece{"dense": Model(dense, 0), "mixture": Model(mixture, 3)}
}

// counted gives every parameter numbers that no other has.
func counted(pieces []Piece) map[string]Tensor {
	parameters, next := map[string]Tensor{}, float32(1)
	for _, piece := range pieces {
		values := make([]float32, product(piece.Shape))
		for i := range values {
			values[i], next = next, next+1
		}
		parameters[piece.Name] = Tensor{piece.Shape, values}
	}
	return parameters
}

// TestThereAndBack fills a store from PyTorch's parameters and takes them out again, by way of a
// file: all numbers come back, so none shares its place with another.
func TestThereAndBack(t *testing.T) {
	for name, pieces := range models() {
		parameters, path := counted(pieces), filepath.Join(t.TempDir(), "file")
		if len(parameters) != len(pieces) {
			t.Errorf("%s: %d names for %d pieces", name, len(parameters), len(pieces))
		}
		if err := Write(path, File{Tensors: parameters}); err != nil {
			t.Fatal(err)
		}
		read, err := ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		store, total := model.NewStore(), 0
		if err := Fill(store.RootScope(), pieces, read); err != nil {
			t.Fatal(err)
		}
		for variable := range store.IterVariables() {
			total += variable.Shape().Size()
		}
		back, err := Take(store.RootScope(), pieces)
		if err != nil {
			t.Fatal(err)
		}
		numbers := 0
		for parameter, want := range parameters {
			got := back[parameter].Floats()
			numbers += len(got)
			for i, value := range want.Floats() {
				if got[i] != value {
					t.Fatalf("%s: %s[%d] is %v, want %v", name, parameter, i, got[i], value)
				}
			}
		}
		if total != numbers {
			t.Errorf("%s: the variables have %d numbers, the parameters %d", name, total, numbers)
		}
	}
}

// TestFillIsStrict leaves one parameter out, adds one, changes a shape and a type: all four are
// listed, and no variable is made.
func TestFillIsStrict(t *testing.T) {
	pieces := Projector(2, 3)
	parameters := counted(pieces)
	delete(parameters, "net.0.bias")
	parameters["extra"] = Tensor{[]int{1}, []float32{0}}
	parameters["net.0.weight"] = Tensor{[]int{2, 8}, make([]float32, 16)}
	parameters["net.2.bias"] = Tensor{[]int{3}, make([]int64, 3)}
	store := model.NewStore()
	err := Fill(store.RootScope(), pieces, parameters)
	for _, want := range []string{
		"net.0.bias is missing: expected [8]", `"extra" of shape [1] is not part of the model`,
		"net.0.weight has shape [2 8]: expected [8 2]", "net.2.bias has type I64: expected F32",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
	if store.NumVariables() != 0 {
		t.Errorf("%d variables were made", store.NumVariables())
	}
}

// TestFillChecksVariables refuses a store of another size and changes nothing in it.
func TestFillChecksVariables(t *testing.T) {
	store := model.NewStore()
	if err := Fill(store.RootScope(), Projector(2, 3), counted(Projector(2, 3))); err != nil {
		t.Fatal(err)
	}
	other := Projector(2, 4)
	err := Fill(store.RootScope(), other, counted(other))
	if err == nil || !strings.Contains(err.Error(), "variable narrow/dense/weights is (Float32)[8, 3] in the model: expected float32 [8 4]") {
		t.Errorf("error is %v", err)
	}
	if _, err := Take(store.RootScope(), Projector(2, 3)); err != nil {
		t.Error(err)
	}
}
