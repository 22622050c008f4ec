package vlm

import (
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// TestClassTokenOnlyChangesNothing: visual token and gradients of every weight are those of the whole encoder,
// and the weights are the same ones, from the same seed.
func TestClassTokenOnlyChangesNothing(t *testing.T) {
	config := TinyConfig()
	whole := Seemore(config)
	only := WithClassTokenOnly(whole, MLP(activation.Gelu, 0))
	want, wantNames := tokenAndGradients(t, whole, config)
	got, gotNames := tokenAndGradients(t, only, config)
	if !slices.Equal(gotNames, wantNames) {
		t.Fatalf("weights are %v, want %v", gotNames, wantNames)
	}
	for i := range want {
		a, b := tensors.MustCopyFlatData[float32](got[i]), tensors.MustCopyFlatData[float32](want[i])
		if len(a) != len(b) {
			t.Fatalf("value %d has %d numbers, want %d", i, len(a), len(b))
		}
		for j := range b {
			if math.Abs(float64(a[j]-b[j])) > 1e-5 {
				t.Fatalf("value %d: %v, want %v", i, a[j], b[j])
			}
		}
	}
}

// tokenAndGradients gives the visual tokens of random images, and the gradients of their squares' sum with
// respect to every weight, with the weights' names.
func tokenAndGradients(t *testing.T, m Model, config Config) (values []*tensors.Tensor, names []string) {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(testBackend(t), store, func(scope *model.Scope, images *Node) []*Node {
		token := m.Encode(scope, images)
		gradients := scope.BuildTrainableVariablesGradientsGraph(ReduceAllSum(Square(token)))
		names = nil
		for variable := range scope.IterVariables() {
			if variable.Trainable && variable.InUseByGraph(images.Graph()) {
				names = append(names, variable.Path())
			}
		}
		return append([]*Node{token}, gradients...)
	})
	if err != nil {
		t.Fatal(err)
	}
	images := randomImages(3, config)
	size := config.Vision.ImageSize
	values, err = exec.Call(tensors.FromFlatDataAndDimensions(slices.Concat(images...), 3, size, size, 3))
	if err != nil {
		t.Fatal(err)
	}
	return values, names
}
