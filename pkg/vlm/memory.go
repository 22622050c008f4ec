package vlm

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// learningTemperature and recallTemperature divide the cosines between tokens and keys.
//
// A memory has one key for each caption of the training pictures: a vector of length 1 that the visual
// tokens of its pictures are pulled towards ([ConceptLoss]) and that the decoder reads in their place
// ([Recall]). A token of a new drawing lies beside the key that it means; a decoder that got the token
// itself would mix the spellings of all captions around it.
//
// The keys start as random directions and belong to the scope's variable "keys".
const (
	learningTemperature = 0.12  // soft: every caption nearby is pushed away
	recallTemperature   = 0.015 // sharp: almost the nearest key alone
)

// ConceptLoss is the cross-entropy, nats, of finding each picture's caption among the keys by the
// cosine between token and key.
//
// Shapes:
//   - tokens: [batch, embed]
//   - captions: int32 [batch], numbers below concepts
//   - returns: a scalar
func ConceptLoss(scope *model.Scope, tokens, captions *Node, concepts int) *Node {
	scores := MulScalar(cosines(tokens, memoryKeys(scope, tokens, concepts)), 1/learningTemperature)
	right := OneHot(captions, concepts, scores.DType())
	return Neg(ReduceAllMean(ReduceSum(Mul(LogSoftmax(scores, -1), right), -1)))
}

// Recall replaces a token by the keys that are nearest to it, as a weighted mean of mean square 1 or
// less. Nothing is learned by it.
//
// Shapes:
//   - tokens: [batch, embed]
//   - returns: the same
func Recall(scope *model.Scope, tokens *Node, concepts int) *Node {
	tokens, keys := StopGradient(tokens), StopGradient(memoryKeys(scope, tokens, concepts))
	weights := Softmax(MulScalar(cosines(tokens, keys), 1/recallTemperature), -1)
	Observe(scope, "weights", weights)
	return Mul(Einsum("bc,ce->be", weights, keys), Sqrt(Scalar(tokens.Graph(), tokens.DType(), tokens.Shape().Dim(-1))))
}

// memoryKeys are the keys, [concepts, embed].
func memoryKeys(scope *model.Scope, tokens *Node, concepts int) *Node {
	shape := shapes.Make(tokens.DType(), concepts, tokens.Shape().Dim(-1))
	return unit(scope.WithInitializer(Normal(scope, 0.06)).VariableWithShape("keys", shape).NodeValue(tokens))
}

// cosines are those between every token and every key: [batch, concepts].
func cosines(tokens, keys *Node) *Node { return Einsum("be,ce->bc", unit(tokens), keys) }

// unit scales vectors of the last axis to length 1.
func unit(x *Node) *Node {
	return Div(x, Sqrt(AddScalar(ReduceAndKeep(Square(x), ReduceSum, -1), 1e-6)))
}
