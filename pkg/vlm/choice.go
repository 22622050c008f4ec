package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// choice says which experts a token uses: the first, the second, and so on.
type choice struct {
	is      *Node // [tokens, topK, experts] booleans, at most one in a row
	weights *Node // [tokens, topK]: how much the expert counts
}

// choose numbers the experts of every token.
//
// Shapes:
//   - gates: [tokens, experts]
func choose(gates *Node, topK int) choice {
	uses := usesOf(gates)
	number := InsertAxes(Mul(CumSum(uses, 1), uses), 1) // [tokens, 1, experts]
	all := shapes.Make(dtypes.Int32, gates.Shape().Dim(0), topK, gates.Shape().Dim(1))
	c := choice{is: Equal(number, OnePlus(Iota(gates.Graph(), all, 1)))}
	c.weights = c.pick(gates)
	return c
}

// usesOf are ones where a token uses an expert, and zeros.
func usesOf(gates *Node) *Node { return ConvertDType(used(gates), dtypes.Int32) }

// pick takes a value of each expert that the token uses.
//
// Shapes:
//   - values: [tokens, experts]
//   - returns: [tokens, topK], 0 where the token uses fewer experts
func (c choice) pick(values *Node) *Node {
	values = BroadcastToDims(InsertAxes(values, 1), c.is.Shape().Dimensions...)
	return ReduceSum(Where(c.is, values, ZerosLike(values)), 2)
}

// from takes what the experts made of a token from what all experts made of all.
//
// Shapes:
//   - outputs: [experts, tokens, embed]
//   - returns: [tokens, topK, embed]
func (c choice) from(outputs *Node) *Node {
	// Einsum letters: t token, k the number of the choice, e expert, d embed.
	return Einsum("tke,etd->tkd", ConvertDType(c.is, outputs.DType()), outputs)
}

// combine adds up what the experts made of a token, weighted.
//
// Shapes:
//   - outputs: [tokens, topK, embed]
//   - returns: [tokens, embed]
func (c choice) combine(outputs *Node) *Node {
	return ReduceSum(Mul(outputs, InsertAxes(c.weights, -1)), 1)
}
