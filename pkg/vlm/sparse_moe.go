package vlm

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// SparseMoE is a feed-forward of several experts of which each token uses topK: the router chooses
// them, and their results are added, weighted by the gates. No expert has a limit, no token is
// dropped.
//
// This plain form runs every expert on every token and lets the gates, most of them zero, choose.
func SparseMoE(numExperts, topK int, dropout float64) FeedForward {
	return func(scope *model.Scope, x *Node) *Node {
		embed := x.Shape().Dim(-1)
		tokens := Reshape(x, -1, embed)                                        // [tokens, embed]
		gates := NoisyTopKRouter(scope.In("router"), tokens, numExperts, topK) // [tokens, experts]
		experts := scope.In("experts")
		outputs := Experts(experts, BroadcastPrefix(tokens, numExperts), dropout) // [experts, tokens, embed]
		SetReached(experts, GreaterThan(ReduceMax(gates, 0), ScalarZero(x.Graph(), x.DType())))
		// Einsum letters: e expert, t token, d embed.
		return Reshape(Einsum("etd,te->td", outputs, gates), x.Shape().Dimensions...)
	}
}
