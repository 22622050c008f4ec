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
// [batch, features] with values from 0 on. Otherwise it is [Layout].
func Frozen(config Config) Model {
	return recognizer(config, func(scope *model.Scope, features *Node) *Node {
		return FeatureProjector(scope.In("projector"), features, config.Vision.EmbedDim, config.Vision.Dropout)
	})
}

// Layout is a model for small sets of pictures that fill their frame, such as drawings of things: its
// encoder keeps what is where ([LayoutEncoder]), a memory tells known captions apart ([Recall]), and the
// decoder writes what was recalled.
func Layout(config Config) Model {
	return recognizer(config, func(scope *model.Scope, images *Node) *Node {
		x := LayoutEncoder(scope.In("layout_encoder"), images, config.Vision)
		return Linear(scope.In("projector"), x, config.Vision.EmbedDim, true)
	})
}

// recognizer joins what makes a visual token of the model's input, the memory and the decoder.
func recognizer(config Config, encode func(scope *model.Scope, input *Node) *Node) Model {
	return Model{
		Config: config,
		Encode: encode,
		Decode: func(scope *model.Scope, ids, image *Node) *Node {
			recalled := Recall(scope.In("memory"), image, config.Vision.Concepts)
			return ConditionedDecoder(scope.In("decoder"), ids, recalled, config.Decoder)
		},
		ConceptLoss: func(scope *model.Scope, image, captions *Node) *Node {
			return ConceptLoss(scope.Shared("memory"), image, captions, config.Vision.Concepts)
		},
	}
}

// FeatureProjector maps features of a picture linearly to a visual token. Square roots first: a few
// features that are much larger than the others would decide everything.
//
// Shapes:
//   - features: [batch, features], from 0 on
//   - returns: [batch, embed]
func FeatureProjector(scope *model.Scope, features *Node, embedDim int, dropout float64) *Node {
	x := LayerNorm(scope.In("norm"), Sqrt(AddScalar(features, 1e-6)))
	return Linear(scope.In("linear"), Dropout(scope, x, dropout), embedDim, true)
}

// LayoutEncoder describes a picture by what is where in it: convolutions, each of which halves height and
// width, and a linear map of all places together. A mean over the places, which is usual, would forget the
// layout, and with it most of what two drawings of a thing have in common.
//
// Shapes:
//   - images: [batch, height, width, 3], sizes multiples of config.PatchSize, 2 to the power of
//     config.NumBlocks
//   - returns: [batch, config.EmbedDim]
func LayoutEncoder(scope *model.Scope, images *Node, config VisionConfig) *Node {
	x := images
	for i := range config.NumBlocks {
		x = layers.Convolution(scope.In("convolution_%d", i), x).
			Channels(config.EmbedDim >> (config.NumBlocks - i)).KernelSize(3).Strides(2).PadSame().Done()
		x = activation.Gelu(LayerNorm(scope.In("norm_%d", i), x))
	}
	x = Dropout(scope, Reshape(x, x.Shape().Dim(0), -1), config.Dropout)
	return LayerNorm(scope.In("final_norm"), Linear(scope.In("linear"), x, config.EmbedDim, true))
}

// ConditionedDecoder is a transformer whose every position gets the image, not only the first: nothing has
// to be learned to find it. Its blocks have the usual residuals ([PreNormBlock]).
//
// Shapes:
//   - ids: int32 [batch, text]
//   - image: [batch, any]
//   - returns: logits [batch, 1+text, vocab]
func ConditionedDecoder(scope *model.Scope, ids, image *Node, config DecoderConfig) *Node {
	image = InsertAxes(Linear(scope.In("image"), image, config.EmbedDim, true), 1)
	random := scope.WithInitializer(Normal(scope, 1))
	x := layers.Embedding(random.In("token_embedding"), InsertAxes(ids, -1), dtypes.Float32, config.VocabSize, config.EmbedDim)
	x = Concatenate([]*Node{ZerosLike(image), x}, 1)
	positions := random.VariableWithShape("positions", shapes.Make(x.DType(), config.ContextLength, config.EmbedDim)).NodeValue(x)
	x = Add(Add(x, InsertAxes(Slice(positions, AxisRange(0, x.Shape().Dim(1))), 0)), image)
	for i := range config.NumBlocks {
		x = PreNormBlock(scope.In("block_%d", i), x, config.NumHeads, true, config.Dropout, MLP(activation.Gelu, config.Dropout))
	}
	return Linear(scope.In("head"), LayerNorm(scope.In("final_norm"), x), config.VocabSize, true)
}

// PreNormBlock is [Block] with the usual residuals: what the normalisation takes away from x is not
// lost to the positions that follow.
//
// Shapes:
//   - x: [batch, seq, embed]
//   - returns: the same
func PreNormBlock(scope *model.Scope, x *Node, numHeads int, causal bool, dropout float64, feedForward FeedForward) *Node {
	x = Add(x, MultiHeadAttention(scope.In("attention"), LayerNorm(scope.In("norm_1"), x), numHeads, causal, dropout))
	return Add(x, feedForward(scope.In("feed_forward"), LayerNorm(scope.In("norm_2"), x)))
}
