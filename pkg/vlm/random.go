package vlm

import (
	"math"
	"math/bits"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// randomUniform is numbers uniform in [0, 1), the same on every backend: the pure-Go one draws others than XLA.
func randomUniform(scope *model.Scope, g *Graph, shape shapes.Shape) *Node {
	if !isPureGo(g) {
		return scope.RandomUniform(g, shape)
	}
	return ConstTensor(g, tensors.FromFlatDataAndDimensions(uniform(scope, shape.Size()), shape.Dimensions...))
}

// randomNormal is standard normal numbers, also the same, but for rounding.
func randomNormal(scope *model.Scope, g *Graph, shape shapes.Shape) *Node {
	if !isPureGo(g) {
		return scope.RandomNormal(g, shape)
	}
	radii, angles := uniform(scope, shape.Size()), uniform(scope, shape.Size())
	for i, number := range radii { // the Box-Muller transform, rounded where a graph of GoMLX rounds
		logarithm := float32(math.Log(float64(max(number, math.SmallestNonzeroFloat32))))
		cosine := float32(math.Cos(float64(angles[i] * (2 * math.Pi))))
		radii[i] = float32(math.Sqrt(float64(-2*logarithm))) * cosine
	}
	return ConstTensor(g, tensors.FromFlatDataAndDimensions(radii, shape.Dimensions...))
}

func isPureGo(g *Graph) bool { return g.Backend().Name() == "Go Backend" } // GoMLX exports no constant for it

// uniform draws n numbers in [0, 1) from the store's random state, here and now.
func uniform(scope *model.Scope, n int) []float32 {
	store, path := scope.Store(), model.RootScopePath+model.RNGStateVariableName
	if store.GetVariable(path) == nil {
		if err := store.ResetRNGState(); err != nil {
			panic(err)
		}
	}
	variable := store.GetVariable(path)
	state, err := tensors.CopyFlatData[uint64](variable.MustValue())
	if err != nil {
		panic(err)
	}
	values := make([]float32, n)
	for i, number := range philox(state, n) {
		values[i] = min(float32(number)/(1<<32), math.Nextafter32(1, 0))
	}
	if err := variable.SetValue(tensors.FromFlatDataAndDimensions(state, len(state))); err != nil {
		panic(err)
	}
	return values
}

// philox draws n random numbers from a state, a key and a counter of 128 bits, and moves the counter on: the
// generator Philox4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011), with the
// state and the order of XLA's RngBitGenerator.
func philox(state []uint64, n int) []uint32 {
	numbers := make([]uint32, 0, n+3)
	for len(numbers) < n {
		a, b := uint32(state[1]), uint32(state[1]>>32)
		c, d := uint32(state[2]), uint32(state[2]>>32)
		key0, key1 := uint32(state[0]), uint32(state[0]>>32)
		for range 10 {
			high0, low0 := bits.Mul32(0xD2511F53, a)
			high1, low1 := bits.Mul32(0xCD9E8D57, c)
			a, b, c, d = high1^b^key0, low1, high0^d^key1, low0
			key0, key1 = key0+0x9E3779B9, key1+0xBB67AE85
		}
		numbers = append(numbers, a, b, c, d)
		if state[1]++; state[1] == 0 {
			state[2]++
		}
	}
	return numbers[:n]
}
