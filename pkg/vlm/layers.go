package vlm

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/norm"
	"github.com/gomlx/gomlx/ml/model"
)

// Linear is a learned linear map of the last axis, with a bias or without.
//
// Weights and bias start uniform in ±1/sqrt(inputs), PyTorch's default, which the originals use.
//
// Shapes:
//   - x: [..., inputs]
//   - returns: [..., outputs]
func Linear(scope *model.Scope, x *Node, outputs int, bias bool) *Node {
	limit := 1 / math.Sqrt(float64(x.Shape().Dim(-1)))
	return layers.Dense(scope.WithInitializer(Uniform(scope, limit)), x, bias, outputs)
}

// LayerNorm scales every vector of the last axis to mean 0 and variance 1, then applies a learned
// gain and offset. Epsilon is 1e-5 as in PyTorch.
//
// Shapes:
//   - x: [..., embed]
//   - returns: the same
func LayerNorm(scope *model.Scope, x *Node) *Node {
	return norm.LayerNorm(scope, x, -1).Epsilon(1e-5).Done()
}

// Uniform initializes a variable with numbers uniform in ±limit.
func Uniform(scope *model.Scope, limit float64) model.VariableInitializer {
	return func(g *Graph, shape shapes.Shape) *Node {
		return AddScalar(MulScalar(scope.RandomUniform(g, shape), 2*limit), -limit)
	}
}

// Normal initializes a variable with numbers of mean 0 and the given standard deviation.
func Normal(scope *model.Scope, deviation float64) model.VariableInitializer {
	return func(g *Graph, shape shapes.Shape) *Node {
		return MulScalar(scope.RandomNormal(g, shape), deviation)
	}
}
