package vlm

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// TestContrastiveLoss: two pictures of one caption beside one that nobody shares, by hand.
func TestContrastiveLoss(t *testing.T) {
	loss := func(images [][]float32) float64 {
		return float64(build(t, func(scope *model.Scope, g *Graph) *Node {
			return ContrastiveLoss(Const(g, images), Const(g, [][]int32{{1, 2}, {1, 2}, {1, 3}}))
		}).Value().(float32))
	}
	// Cosines are 0 between any two, so each of the two finds its partner by a coin.
	if got := loss([][]float32{{1, 0, 0}, {0, 2, 0}, {0, 0, 3}}); math.Abs(got-math.Log(2)) > 1e-4 {
		t.Errorf("loss of unrelated tokens is %v, want log 2", got)
	}
	if got := loss([][]float32{{1, 0, 0}, {2, 0, 0}, {0, 0, 3}}); got > 1e-3 {
		t.Errorf("loss of equal tokens is %v, want 0", got)
	}
	if got := loss([][]float32{{1, 0, 0}, {0, 1, 0}, {1, 0, 0}}); got < 5 {
		t.Errorf("loss is %v where another caption's picture is the nearest", got)
	}
}

// TestModelsOfTheRecipes: the shapes are those of Seemore, and training blurs what the decoder reads.
func TestModelsOfTheRecipes(t *testing.T) {
	config := TinyConfig()
	frozen := config
	frozen.Vision.Features, frozen.Vision.Blur = 20, 1
	for name, m := range map[string]Model{"pooled": Pooled(config), "frozen": Frozen(frozen)} {
		logits := build(t, func(scope *model.Scope, g *Graph) *Node {
			images := Abs(ramp(g, append([]int{3}, m.Config.Vision.InputDims()...)...))
			ids := Const(g, [][]int32{{1, 2}, {3, 4}, {5, 6}})
			return m.Forward(scope, images, ids)
		})
		if err := logits.Shape().CheckDims(3, 3, config.Decoder.VocabSize); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBlurIsForTrainingOnly(t *testing.T) {
	for _, training := range []bool{false, true} {
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(1); err != nil {
			t.Fatal(err)
		}
		moved, err := model.CallOnce(testBackend(t), store, func(scope *model.Scope, g *Graph) *Node {
			store.SetTraining(g, training)
			x := ramp(g, 100, 100)
			return Sqrt(ReduceAllMean(Square(Sub(Blur(scope, x, 0.5), x))))
		})
		if err != nil {
			t.Fatal(err)
		}
		want := map[bool]float64{false: 0, true: 0.5}[training]
		if got := float64(moved.Value().(float32)); math.Abs(got-want) > 0.02 {
			t.Errorf("training %v: values move by %v, want %v", training, got, want)
		}
	}
}
