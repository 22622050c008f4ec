package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
)

// DecoderLanguageModel reads the visual token and then the text, and gives at every position its
// scores for the next character. Without an image (nil) it is a plain language model.
//
// Shapes:
//   - ids: [batch, text], integers in [0, vocab)
//   - image: [batch, embed], the visual token, or nil
//   - returns: logits [batch, 1+text, vocab], or [batch, text, vocab] without an image
func DecoderLanguageModel(scope *model.Scope, ids, image *Node, config DecoderConfig, block BlockFunc) *Node {
	g := ids.Graph()
	random := scope.WithInitializer(Normal(scope, 1))
	x := layers.Embedding(random.In("token_embedding"), InsertAxes(ids, -1), dtypes.Float32, config.VocabSize, config.EmbedDim)
	if image != nil {
		x = Concatenate([]*Node{InsertAxes(image, 1), x}, 1) // [batch, 1+text, embed]
	}
	seq := x.Shape().Dim(1)
	positions := random.VariableWithShape("positions", shapes.Make(x.DType(), config.ContextLength, config.EmbedDim)).NodeValue(g)
	x = Add(x, InsertAxes(Slice(positions, AxisRange(0, seq)), 0))

	for i := range config.NumBlocks {
		x = block(scope.In("block_%d", i), x)
	}
	x = LayerNorm(scope.In("final_norm"), x)
	return Linear(scope.In("head"), x, config.VocabSize, true)
}
