package vlm

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// keysAre makes a memory whose keys are the axes of a space.
func keysAre(scope *model.Scope, axes int) *model.Scope {
	scope = scope.In("memory")
	identity := make([][]float32, axes)
	for i := range identity {
		identity[i] = make([]float32, axes)
		identity[i][i] = 3 // their length does not matter
	}
	scope.VariableWithValue("keys", identity)
	return scope
}

// TestRecallTakesTheNearest: a token between two keys becomes the nearer one, of mean square 1.
func TestRecallTakesTheNearest(t *testing.T) {
	recalled := build(t, func(scope *model.Scope, g *Graph) *Node {
		return Recall(keysAre(scope, 4), Const(g, [][]float32{{5, 3, 0, 0}, {-1, 0, 0, 0.2}}), 4)
	}).Value().([][]float32)
	for i, want := range [][]float32{{2, 0, 0, 0}, {0, 0, 0, 2}} {
		for j, value := range recalled[i] {
			if math.Abs(float64(value-want[j])) > 1e-3 {
				t.Errorf("recalled %v, want %v", recalled[i], want)
				break
			}
		}
	}
}

// TestConceptLoss: by hand, cosines 1 and 0 at temperature 0.12.
func TestConceptLoss(t *testing.T) {
	loss := func(caption int32) float64 {
		return float64(build(t, func(scope *model.Scope, g *Graph) *Node {
			return ConceptLoss(keysAre(scope, 2), Const(g, [][]float32{{7, 0}}), Const(g, []int32{caption}), 2)
		}).Value().(float32))
	}
	for caption, want := range []float64{math.Log(1 + math.Exp(-1/0.12)), math.Log(1 + math.Exp(1/0.12))} {
		if got := loss(int32(caption)); math.Abs(got-want) > 1e-4*want+1e-5 {
			t.Errorf("caption %d: loss %v, want %v", caption, got, want)
		}
	}
}

// TestDecoderDoesNotMoveTheToken: captions teach the decoder only; the concept loss teaches the rest.
func TestDecoderDoesNotMoveTheToken(t *testing.T) {
	gradients := build(t, func(scope *model.Scope, g *Graph) *Node {
		tokens := Const(g, [][]float32{{0.4, 0.3}})
		recalled := Recall(keysAre(scope, 2), tokens, 2)
		learned := ConceptLoss(scope.Shared("memory"), tokens, Const(g, []int32{0}), 2)
		return Concatenate([]*Node{Gradient(ReduceAllSum(recalled), tokens)[0], Gradient(learned, tokens)[0]}, 0)
	}).Value().([][]float32)
	if gradients[0][0] != 0 || gradients[0][1] != 0 {
		t.Errorf("the recalled token has the gradient %v", gradients[0])
	}
	if !(gradients[1][0] < 0) {
		t.Errorf("the concept loss pulls by %v: not towards the key", gradients[1])
	}
}

// TestModelsOfTheRecipes: the shapes are those of Seemore.
func TestModelsOfTheRecipes(t *testing.T) {
	config := TinyConfig()
	config.Vision.Concepts = 5
	layout, features, text := config, config, config
	layout.Vision.NumBlocks = 3
	features.Vision.Features, text.Vision.Features = 20, 1
	for name, m := range map[string]Model{"layout": Layout(layout), "frozen": Frozen(features), "staged": Staged(features), "text": Text(text)} {
		logits := build(t, func(scope *model.Scope, g *Graph) *Node {
			images := Abs(ramp(g, append([]int{3}, m.Config.Vision.InputDims()...)...))
			return m.Forward(scope, images, Const(g, [][]int32{{1, 2}, {3, 4}, {5, 6}}))
		})
		if err := logits.Shape().CheckDims(3, 3, config.Decoder.VocabSize); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLayoutIsKept: a picture and its parts in other places are different to the layout encoder.
func TestLayoutIsKept(t *testing.T) {
	config := VisionConfig{ImageSize: 16, PatchSize: 8, EmbedDim: 16, NumBlocks: 3, NumHeads: 1}
	difference := build(t, func(scope *model.Scope, g *Graph) *Node {
		left := ConvertDType(LessThan(Iota(g, ramp(g, 1, 16, 16, 3).Shape(), 2), Const(g, float32(8))), dtypes.Float32)
		both := Concatenate([]*Node{left, Reverse(left, 2)}, 0)
		x := LayoutEncoder(scope, both, config)
		return ReduceAllMax(Abs(Sub(Slice(x, AxisElem(0)), Slice(x, AxisElem(1)))))
	}).Value().(float32)
	if difference < 0.1 {
		t.Errorf("left and right differ by %v only", difference)
	}
}
