package vlm

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// AttentionHead lets every position collect what it needs from the others: its query is compared
// with every key, and the values are averaged with the resulting weights.
//
// The heads axis makes one call compute several independent heads side by side; a single head is
// numHeads = 1. Scores are divided by the square root of the full width of x, as in the originals;
// the textbook divides by the square root of headDim.
//
// Shapes:
//   - x: [batch, seq, embed]
//   - returns: [batch, seq, heads, head dim]
func AttentionHead(scope *model.Scope, x *Node, numHeads, headDim int, causal bool, dropout float64) *Node {
	batch, seq, embed := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	project := func(name string) *Node {
		return Reshape(Linear(scope.In("%s", name), x, numHeads*headDim, false), batch, seq, numHeads, headDim)
	}
	query, key, value := project("query"), project("key"), project("value")

	// Einsum letters: b batch, q query position, k key position, h head, d head dim.
	scores := Einsum("bqhd,bkhd->bhqk", query, key) // [batch, heads, seq, seq]
	scores = MulScalar(scores, 1/math.Sqrt(float64(embed)))
	var mask *Node
	if causal {
		mask = BroadcastPrefix(CausalMask(x.Graph(), seq), batch, numHeads)
	}
	weights := MaskedSoftmax(scores, mask, -1)
	Observe(scope, "attention_weights", weights)
	weights = Dropout(scope, weights, dropout)
	return Einsum("bhqk,bkhd->bqhd", weights, value)
}

// CausalMask is true where a query position (row) may look at a key position (column): at itself
// and at what came before.
//
// Shapes:
//   - returns: [seq, seq], boolean
func CausalMask(g *Graph, seq int) *Node {
	return LowerTriangular(g, seq)
}

// MultiHeadAttention runs numHeads heads of width embed/numHeads, puts their results next to each
// other, head after head, and mixes them with one more linear map.
//
// Shapes:
//   - x: [batch, seq, embed]
//   - returns: the same
func MultiHeadAttention(scope *model.Scope, x *Node, numHeads int, causal bool, dropout float64) *Node {
	batch, seq, embed := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2)
	heads := AttentionHead(scope.In("heads"), x, numHeads, embed/numHeads, causal, dropout)
	x = Reshape(heads, batch, seq, embed)
	x = Linear(scope.In("output"), x, embed, true)
	return Dropout(scope, x, dropout)
}
