package vlm

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// Pooled is a model for small sets of pictures. It differs from [Seemore] in three parts: two
// convolutions look for edges before the picture is cut into patches, blocks have the usual residuals
// ([PreNormBlock]), and the mean of all patches goes to the decoder instead of [CLS].
func Pooled(config Config) Model {
	encoderBlock := func(scope *model.Scope, x *Node) *Node {
		return PreNormBlock(scope, x, config.Vision.NumHeads, false, config.Vision.Dropout, MLP(activation.Gelu, config.Vision.Dropout))
	}
	decoderBlock := func(scope *model.Scope, x *Node) *Node {
		return PreNormBlock(scope, x, config.Decoder.NumHeads, true, config.Decoder.Dropout, MLP(activation.Gelu, config.Decoder.Dropout))
	}
	m := VisionLanguageModel(config, encoderBlock, decoderBlock)
	m.Encode = func(scope *model.Scope, images *Node) *Node {
		image := PooledVisionTransformer(scope.In("vision_transformer"), images, config.Vision, encoderBlock)
		return MultimodalProjector(scope.In("projector"), image, config.Decoder.EmbedDim, config.Decoder.Dropout)
	}
	return m
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

// PooledVisionTransformer turns an image into the mean of what its blocks made of the patches.
//
// Shapes:
//   - images: [batch, height, width, 3], sizes multiples of 4
//   - returns: [batch, vision embed]
func PooledVisionTransformer(scope *model.Scope, images *Node, config VisionConfig, block BlockFunc) *Node {
	x := images
	for i, channels := range []int{config.EmbedDim / 4, config.EmbedDim / 2} { // each halves height and width
		x = layers.Convolution(scope.In("stem_%d", i), x).Channels(channels).KernelSize(3).Strides(2).PadSame().Done()
		x = activation.Gelu(LayerNorm(scope.In("stem_norm_%d", i), x))
	}
	x = PatchEmbedding(scope.In("patch_embedding"), x, config.PatchSize/4, config.EmbedDim) // [batch, patches, embed]
	positions := scope.WithInitializer(Normal(scope, 0.02)).
		VariableWithShape("positions", shapes.Make(x.DType(), 1, x.Shape().Dim(1), config.EmbedDim)).NodeValue(x)
	x = Dropout(scope, Add(x, positions), config.Dropout)
	for i := range config.NumBlocks {
		x = block(scope.In("block_%d", i), x)
	}
	return ReduceMean(LayerNorm(scope.In("final_norm"), x), 1)
}

// ContrastiveLoss pulls visual tokens of equal captions together and pushes the others apart: the
// supervised contrastive loss of Khosla et al. (2020), nats. Rows whose caption nobody shares do not
// count.
//
// Shapes:
//   - images: [batch, embed], visual tokens
//   - ids: [batch, text], their captions
//   - returns: a scalar
func ContrastiveLoss(images, ids *Node) *Node {
	const temperature = 0.05
	g, batch := images.Graph(), images.Shape().Dim(0)
	images = Div(images, Sqrt(AddScalar(ReduceAndKeep(Square(images), ReduceSum, -1), 1e-6)))
	scores := MulScalar(Einsum("id,jd->ij", images, images), 1/temperature)
	others := LogicalNot(Diagonal(g, batch))
	scores = Where(others, scores, ConstAs(scores, -1e9))
	same := LogicalAll(Equal(InsertAxes(ids, 0), InsertAxes(ids, 1)), -1) // [batch, batch]
	positive := ConvertDType(LogicalAnd(same, others), scores.DType())
	count := ReduceSum(positive, 1)
	losses := Neg(Div(ReduceSum(Mul(LogSoftmax(scores, -1), positive), 1), MaxScalar(count, 1)))
	counts := ConvertDType(GreaterThan(count, ZerosLike(count)), scores.DType())
	return Div(ReduceAllSum(Mul(losses, counts)), MaxScalar(ReduceAllSum(counts), 1))
}
