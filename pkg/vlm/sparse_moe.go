package vlm

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// SparseMoE is a feed-forward of several experts of which each token uses a few: the router chooses
// them, and their results are added, weighted by the gates. No expert has a limit, no token is
// dropped.
//
// This plain form runs every expert on every token and lets the gates, most of them zero, choose.
// [GroupedMoE] computes the same and runs only those that are used.
func SparseMoE(router Router, dropout float64) FeedForward {
	return func(scope *model.Scope, x *Node) *Node {
		tokens := Reshape(x, -1, x.Shape().Dim(-1)) // [tokens, embed]
		gates := router(scope.In("router"), tokens) // [tokens, experts]
		everyone := BroadcastPrefix(tokens, gates.Shape().Dim(1))
		experts := scope.In("experts")
		outputs := Experts(experts, everyone, dropout) // [experts, tokens, embed]
		SetReached(experts, gates)
		// Einsum letters: e expert, t token, d embed.
		return Reshape(Einsum("etd,te->td", outputs, gates), x.Shape().Dimensions...)
	}
}
