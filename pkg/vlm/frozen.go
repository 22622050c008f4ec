package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// Frozen is a model whose image encoder is ready-made and does not learn: pictures come as its features,
// [batch, features] with values from 0 on. A projector makes the visual token of them, and learns by
// comparing pictures only ([ContrastiveLoss]). The decoder learns to read tokens that are blurred a
// little, so that it does not know them by heart and also reads those that are near.
func Frozen(config Config) Model {
	decoder := config.Decoder
	return Model{
		Config: config,
		Encode: func(scope *model.Scope, features *Node) *Node {
			return FeatureProjector(scope.In("projector"), features, config.Vision.EmbedDim, config.Vision.Dropout)
		},
		Decode: func(scope *model.Scope, ids, image *Node) *Node {
			scope = scope.In("decoder")
			image = Blur(scope, StopGradient(image), config.Vision.Blur)
			image = InsertAxes(Linear(scope.In("image"), image, decoder.EmbedDim, true), 1)
			random := scope.WithInitializer(Normal(scope, 1))
			x := layers.Embedding(random.In("token_embedding"), InsertAxes(ids, -1), dtypes.Float32, decoder.VocabSize, decoder.EmbedDim)
			x = Concatenate([]*Node{ZerosLike(image), x}, 1)
			positions := random.VariableWithShape("positions", shapes.Make(x.DType(), decoder.ContextLength, decoder.EmbedDim)).NodeValue(x)
			// Every position gets the image, not only the first: nothing has to be learned to find it.
			x = Add(Add(x, InsertAxes(Slice(positions, AxisRange(0, x.Shape().Dim(1))), 0)), image)
			for i := range decoder.NumBlocks {
				x = PreNormBlock(scope.In("block_%d", i), x, decoder.NumHeads, true, decoder.Dropout, MLP(activation.Gelu, decoder.Dropout))
			}
			return Linear(scope.In("head"), LayerNorm(scope.In("final_norm"), x), decoder.VocabSize, true)
		},
	}
}

// FeatureProjector maps features of a picture linearly to a visual token of mean square 1. Square roots
// first: a few features that are much larger than the others would decide everything.
//
// Shapes:
//   - features: [batch, features], from 0 on
//   - returns: [batch, embed]
func FeatureProjector(scope *model.Scope, features *Node, embedDim int, dropout float64) *Node {
	x := LayerNorm(scope.In("norm"), Sqrt(AddScalar(features, 1e-6)))
	x = Linear(scope.In("linear"), Dropout(scope, x, dropout), embedDim, true)
	return Div(x, Sqrt(AddScalar(ReduceAndKeep(Square(x), ReduceMean, -1), 1e-6)))
}

// Blur adds normal noise of the given standard deviation while training; otherwise it changes nothing.
//
// Shapes:
//   - x: any
//   - returns: the same
func Blur(scope *model.Scope, x *Node, deviation float64) *Node {
	if deviation <= 0 || !scope.IsTraining(x.Graph()) {
		return x
	}
	return Add(x, MulScalar(scope.RandomNormal(x.Graph(), x.Shape()), deviation))
}
