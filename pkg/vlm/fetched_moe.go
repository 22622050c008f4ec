package vlm

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// FetchedMoE computes what [SparseMoE] computes without dropout. While a text is written there are so few
// tokens that an expert seldom gets two: then each token fetches the weights of its own topK experts.
// Where that would fetch more than all experts have, it is SparseMoE.
func FetchedMoE(router Router, numExperts, topK int) FeedForward {
	plain := SparseMoE(router, 0)
	return func(scope *model.Scope, x *Node) *Node {
		embed := x.Shape().Dim(-1)
		tokens := Reshape(x, -1, embed) // [tokens, embed]
		if tokens.Shape().Dim(0)*topK > numExperts {
			return plain(scope, x)
		}
		gates := router(scope.In("router"), tokens) // [tokens, experts]
		counts, chosen, _ := largest(gates, topK)   // [tokens, topK]
		chosen = InsertAxes(chosen, -1)
		experts := scope.In("experts")
		// Einsum letters: t token, k one of its experts, i input, o output.
		fetched := func(name string, inputs string, x *Node, from, to int) *Node {
			weights, biases := ExpertWeights(experts.In("%s", name), x.Graph(), numExperts, from, to)
			return Add(Einsum(inputs+",tkio->tko", x, Gather(weights, chosen)), Gather(biases, chosen))
		}
		hidden := activation.Relu(fetched("widen", "ti", tokens, embed, 4*embed)) // [tokens, topK, 4*embed]
		outputs := fetched("narrow", "tki", hidden, 4*embed, embed)               // [tokens, topK, embed]
		return Reshape(ReduceSum(Mul(outputs, InsertAxes(counts, -1)), 1), x.Shape().Dimensions...)
	}
}
