package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
)

// DecodeStep is a decoder that is given one position at a time. A causal position never changes again once
// it is written, so what later positions need of it, its key and its value in every block, is kept in a
// cache and not computed again.
//
// Shapes:
//   - ids: int32 [batch], the characters at this position
//   - image: [batch, embed], the visual token, which position 0 has in place of a character
//   - position: int32, a scalar
//   - cache: for every block keys and values, each [batch, positions, heads, head dim]
//   - returns: logits [batch, vocab] of the character that follows, and the cache with this position in it
type DecodeStep func(scope *model.Scope, ids, image, position *Node, cache []*Node) (logits *Node, updated []*Node)

// WithCache gives a model whose decoder is [DecoderLanguageModel] with blocks of the kind of [Block], all with
// this feed-forward, a way to decode step by step with the same weights.
func WithCache(m Model, feedForward FeedForward) Model {
	config := m.Config.Decoder
	m.DecodeStep = func(scope *model.Scope, ids, image, position *Node, cache []*Node) (*Node, []*Node) {
		scope = scope.In("decoder")
		random := scope.WithInitializer(Normal(scope, 1))
		x := layers.Embedding(random.In("token_embedding"), InsertAxes(ids, -1), dtypes.Float32, config.VocabSize, config.EmbedDim)
		first := BroadcastToShape(Equal(position, ZerosLike(position)), shapes.Make(dtypes.Bool, x.Shape().Dimensions...))
		x = Where(first, image, x)
		positions := random.VariableWithShape("positions", shapes.Make(x.DType(), config.ContextLength, config.EmbedDim)).NodeValue(x)
		x = Add(x, Gather(positions, Reshape(position, 1, 1)))
		updated := make([]*Node, len(cache))
		for i := range config.NumBlocks {
			block := scope.In("block_%d", i)
			var attended *Node
			attended, updated[2*i], updated[2*i+1] = attentionStep(block.In("attention"), LayerNorm(block.In("norm_1"), x), position, cache[2*i], cache[2*i+1])
			x = LayerNorm(block.In("norm_2"), Add(x, attended))
			x = Add(x, Squeeze(feedForward(block.In("feed_forward"), InsertAxes(x, 0)), 0))
		}
		return Linear(scope.In("head"), LayerNorm(scope.In("final_norm"), x), config.VocabSize, true), updated
	}
	return m
}

// attentionStep is [MultiHeadAttention] of one position, which looks at itself and at those before it.
//
// Shapes:
//   - x: [batch, embed]
//   - keys, values: [batch, positions, heads, head dim]
//   - returns: [batch, embed], and keys and values with those of this position
func attentionStep(scope *model.Scope, x, position, keys, values *Node) (attended, newKeys, newValues *Node) {
	batch, embed := x.Shape().Dim(0), x.Shape().Dim(1)
	positions, numHeads, headDim := keys.Shape().Dim(1), keys.Shape().Dim(2), keys.Shape().Dim(3)
	heads := scope.In("heads")
	project := func(name string) *Node {
		return Reshape(Linear(heads.In("%s", name), x, embed, false), batch, 1, numHeads, headDim)
	}
	place := Iota(x.Graph(), shapes.Make(position.DType(), 1, positions, 1, 1), 1)
	here := BroadcastToDims(Equal(place, position), keys.Shape().Dimensions...)
	query := project("query")
	keys = Where(here, BroadcastToShape(project("key"), keys.Shape()), keys)
	values = Where(here, BroadcastToShape(project("value"), values.Shape()), values)

	written := BroadcastToDims(LessOrEqual(Reshape(place, 1, 1, 1, positions), position), batch, numHeads, 1, positions)
	return lookAt(scope, query, keys, values, written, 0), keys, values
}

// cacheShape is that of one block's keys, or values, of so many positions.
func cacheShape(config DecoderConfig, batch, positions int) shapes.Shape {
	return shapes.Make(dtypes.Float32, batch, positions, config.NumHeads, config.EmbedDim/config.NumHeads)
}
