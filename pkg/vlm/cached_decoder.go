package vlm

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
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
//   - cache: for every block keys [batch, heads, head dim, positions] and values [batch, heads, positions, head dim]
//   - returns: logits [batch, vocab] of the character that follows, and the cache with this position in it
type DecodeStep func(scope *model.Scope, ids, image, position *Node, cache []*Node) (logits *Node, updated []*Node)

// WithCache gives a model whose decoder is [DecoderLanguageModel] with blocks of the kind of [Block], all with
// this feed-forward, a way to decode step by step with the same weights. It runs in a loop on the device, where
// XLA allows no sorts.
func WithCache(m Model, feedForward FeedForward) Model {
	config := m.Config.Decoder
	m.DecodeStep = func(scope *model.Scope, ids, image, position *Node, cache []*Node) (*Node, []*Node) {
		scope = scope.In("decoder")
		random := scope.WithInitializer(Normal(scope, 1))
		x := layers.Embedding(random.In("token_embedding"), InsertAxes(ids, -1), dtypes.Float32, config.VocabSize, config.EmbedDim)
		first := BroadcastToShape(Equal(position, Const(position.Graph(), int32(0))), shapes.Make(dtypes.Bool, x.Shape().Dimensions...))
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

// attentionStep is [MultiHeadAttention] of one position, which looks at itself and at those before it. For a
// single query sums of products are faster than matrix products, and keys and values lie as those like them.
//
// Shapes:
//   - x: [batch, embed]
//   - keys: [batch, heads, head dim, positions], values: [batch, heads, positions, head dim]
//   - returns: [batch, embed], and keys and values with those of this position
func attentionStep(scope *model.Scope, x, position, keys, values *Node) (attended, newKeys, newValues *Node) {
	batch, numHeads, headDim, positions := keys.Shape().Dim(0), keys.Shape().Dim(1), keys.Shape().Dim(2), keys.Shape().Dim(3)
	heads, embed := scope.In("heads"), numHeads*headDim
	project := func(name string, dims ...int) *Node {
		return Reshape(Linear(heads.In("%s", name), x, embed, false), append([]int{batch, numHeads}, dims...)...)
	}
	query := project("query", headDim, 1)
	keys = put(keys, 3, position, project("key", headDim, 1))
	values = put(values, 2, position, project("value", 1, headDim))

	scores := MulScalar(ReduceSum(Mul(query, keys), 2), 1/math.Sqrt(float64(embed))) // [batch, heads, positions]
	place := Iota(x.Graph(), shapes.Make(position.DType(), batch, numHeads, positions), 2)
	written := LessOrEqual(place, BroadcastToShape(position, place.Shape()))
	weights := InsertAxes(MaskedSoftmax(scores, written, -1), -1) // [batch, heads, positions, 1]
	mixed := Reshape(ReduceSum(Mul(weights, values), 2), batch, embed)
	return Linear(scope.In("output"), mixed, embed, true), keys, values
}

// newCache is the empty cache of so many positions.
func newCache(config DecoderConfig, batch, positions int) (cache []*tensors.Tensor) {
	headDim := config.EmbedDim / config.NumHeads
	for range config.NumBlocks {
		keys := tensors.FromShape(shapes.Make(dtypes.Float32, batch, config.NumHeads, headDim, positions))
		values := tensors.FromShape(shapes.Make(dtypes.Float32, batch, config.NumHeads, positions, headDim))
		cache = append(cache, keys, values)
	}
	return cache
}
