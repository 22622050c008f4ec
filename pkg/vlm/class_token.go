package vlm

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// WithClassTokenOnly spares a model whose encoder is [VisionTransformer], with blocks of the kind of [Block] and
// this feed-forward, what nobody reads: of the last layer's result only the [CLS] token is used, so that layer
// computes it alone. Weights and results stay the same.
func WithClassTokenOnly(m Model, feedForward FeedForward) Model {
	vision, decoder := m.Config.Vision, m.Config.Decoder
	m.Encode = func(scope *model.Scope, images *Node) *Node {
		layer := 0
		image := VisionTransformer(scope.In("vision_transformer"), images, vision, func(scope *model.Scope, x *Node) *Node {
			if layer++; layer == vision.NumBlocks {
				return classTokenBlock(scope, x, vision.NumHeads, vision.Dropout, feedForward)
			}
			return Block(scope, x, vision.NumHeads, false, vision.Dropout, feedForward)
		})
		return MultimodalProjector(scope.In("projector"), image, decoder.EmbedDim, decoder.Dropout)
	}
	return m
}

// classTokenBlock is the first position of [Block]'s result.
//
// Shapes:
//   - x: [batch, seq, embed]
//   - returns: [batch, 1, embed]
func classTokenBlock(scope *model.Scope, x *Node, numHeads int, dropout float64, feedForward FeedForward) *Node {
	batch, embed := x.Shape().Dim(0), x.Shape().Dim(2)
	attention, norm := scope.In("attention"), LayerNorm(scope.In("norm_1"), x)
	heads := attention.In("heads")
	project := func(name string, x *Node) *Node {
		return Reshape(Linear(heads.In("%s", name), x, embed, false), batch, -1, numHeads, embed/numHeads)
	}
	query, key, value := project("query", first(norm)), project("key", norm), project("value", norm)
	attended := lookAt(attention, query, key, value, nil, dropout)
	x = LayerNorm(scope.In("norm_2"), Add(first(x), InsertAxes(attended, 1)))
	return Add(x, feedForward(scope.In("feed_forward"), x))
}

// first is the first position: [batch, seq, embed] to [batch, 1, embed].
func first(x *Node) *Node { return Slice(x, AxisRange(), AxisRange(0, 1)) }

// lookAt is the end of [MultiHeadAttention] for one position, given its query.
//
// Shapes:
//   - query: [batch, 1, heads, head dim]
//   - keys, values: [batch, positions, heads, head dim]
//   - mask: [batch, heads, 1, positions], true where the position may look; nil is everywhere
//   - returns: [batch, embed]
func lookAt(scope *model.Scope, query, keys, values, mask *Node, dropout float64) *Node {
	batch, embed := query.Shape().Dim(0), query.Shape().Dim(2)*query.Shape().Dim(3)
	heads := scope.Shared("heads")
	// Einsum letters: b batch, q the one query position, k key position, h head, d head dim.
	scores := MulScalar(Einsum("bqhd,bkhd->bhqk", query, keys), 1/math.Sqrt(float64(embed)))
	weights := MaskedSoftmax(scores, mask, -1)
	Observe(heads, "attention_weights", weights)
	x := Einsum("bhqk,bkhd->bqhd", Dropout(heads, weights, dropout), values)
	x = Linear(scope.In("output"), Reshape(x, batch, embed), embed, true)
	return Dropout(scope, x, dropout)
}
