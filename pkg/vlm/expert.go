package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// Experts are MLPs with ReLU that share no weights: each works on tokens of its own. One expert is
// the plain feed-forward.
//
// Shapes:
//   - x: [experts, tokens, embed]
//   - returns: the same
func Experts(scope *model.Scope, x *Node, dropout float64) *Node {
	embed := x.Shape().Dim(2)
	hidden := activation.Relu(expertLinear(scope.In("widen"), x, 4*embed)) // [experts, tokens, 4*embed]
	return Dropout(scope, expertLinear(scope.In("narrow"), hidden, embed), dropout)
}

// expertLinear is [Linear] with a weight matrix and a bias for each expert.
//
// Shapes:
//   - x: [experts, tokens, inputs]
//   - returns: [experts, tokens, outputs]
func expertLinear(scope *model.Scope, x *Node, outputs int) *Node {
	weights, biases := ExpertWeights(scope, x.Graph(), x.Shape().Dim(0), x.Shape().Dim(2), outputs)
	// Einsum letters: e expert, t token, i input, o output.
	return Add(Einsum("eti,eio->eto", x, weights), InsertAxes(biases, 1))
}

// ExpertWeights are the variables of a linear map of every expert. They start like those of
// [Linear].
//
// Shapes:
//   - returns: weights [experts, inputs, outputs] and biases [experts, outputs]
func ExpertWeights(scope *model.Scope, g *Graph, experts, inputs, outputs int) (weights, biases *Node) {
	scope = scope.WithInitializer(linearInitializer(scope, inputs, 3))
	weights = scope.VariableWithShape("weights", shapes.Make(dtypes.Float32, experts, inputs, outputs)).NodeValue(g)
	biases = scope.VariableWithShape("biases", shapes.Make(dtypes.Float32, experts, outputs)).NodeValue(g)
	return weights, biases
}
