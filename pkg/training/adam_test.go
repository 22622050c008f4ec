package training

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// adamSteps runs Adam on one matrix of ones whose gradient is always 1, and returns its value after each.
func adamSteps(t *testing.T, adam Adam, steps int) []float64 {
	t.Helper()
	store := model.NewStore()
	exec := model.MustNewExec(testBackend(t), store, func(scope *model.Scope, x *Node) *Node {
		store.SetTraining(x.Graph(), true)
		variable := scope.VariableWithValue("w", [][]float32{{1}})
		before := variable.NodeValue(x)
		adam.UpdateGraph(scope, x.Graph(), ReduceAllSum(Mul(before, x)))
		return Reshape(variable.NodeValue(x))
	})
	var values []float64
	for range steps {
		values = append(values, float64(tensors.ToScalar[float32](exec.MustCall1([][]float32{{1}}))))
	}
	return values
}

// TestAdamSchedule: with a constant gradient every step of Adam is the learning rate.
func TestAdamSchedule(t *testing.T) {
	const rate, steps = 0.01, 40
	values := adamSteps(t, Adam{LearningRate: rate, CosineSteps: steps}, steps)
	before := 1.0
	for i, value := range values {
		rise := min(float64(i+1)/2, 1) // over 40/20 steps
		want := rate * rise * (1 + math.Cos(math.Pi*float64(i)/steps)) / 2
		if got := before - value; math.Abs(got-want) > 1e-5 {
			t.Errorf("step %d moves by %.5f, want %.5f", i, got, want)
		}
		before = value
	}
}

func TestAdamWeightDecay(t *testing.T) {
	got := adamSteps(t, Adam{LearningRate: 0.01, WeightDecay: 0.5}, 1)[0]
	if want := 1 - 0.01 - 0.01*0.5; math.Abs(got-want) > 1e-6 {
		t.Errorf("after one step %v, want %v", got, want)
	}
}
