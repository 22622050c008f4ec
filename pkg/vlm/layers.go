package vlm

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/norm"
	"github.com/gomlx/gomlx/ml/model"
)

// ParamKaiming is the store parameter that makes the weights of linear maps start from Kaiming normal,
// standard deviation sqrt(2/inputs), as the mixture of experts does in the originals. Biases,
// convolution and embeddings keep PyTorch's defaults.
const ParamKaiming = "kaiming"

// Linear is a learned linear map of the last axis, with a bias or without.
//
// Weights and bias start uniform in ±1/sqrt(inputs), PyTorch's default, which the dense original
// uses; see [ParamKaiming] for the other.
//
// Shapes:
//   - x: [..., inputs]
//   - returns: [..., outputs]
func Linear(scope *model.Scope, x *Node, outputs int, bias bool) *Node {
	initializer := linearInitializer(scope, x.Shape().Dim(-1), 2)
	return layers.Dense(scope.WithInitializer(initializer), x, bias, outputs)
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
		return AddScalar(MulScalar(randomUniform(scope, g, shape), 2*limit), -limit)
	}
}

// Normal initializes a variable with numbers of mean 0 and the given standard deviation.
func Normal(scope *model.Scope, deviation float64) model.VariableInitializer {
	return func(g *Graph, shape shapes.Shape) *Node {
		return MulScalar(randomNormal(scope, g, shape), deviation)
	}
}

// linearInitializer is PyTorch's default for weights and biases of a linear map, or, where
// [ParamKaiming] is set, Kaiming normal for the weights, which have the given rank.
func linearInitializer(scope *model.Scope, inputs, weightsRank int) model.VariableInitializer {
	uniform := Uniform(scope, 1/math.Sqrt(float64(inputs)))
	kaiming := Normal(scope, math.Sqrt(2/float64(inputs)))
	return func(g *Graph, shape shapes.Shape) *Node {
		if shape.Rank() == weightsRank && model.GetParamOr(scope, ParamKaiming, false) {
			return kaiming(g, shape)
		}
		return uniform(g, shape)
	}
}
