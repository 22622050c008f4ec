package vlm

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
)

// VisionTransformer turns an image into one vector. A learned [CLS] token stands in front of the
// patches; it has seen all of them when the blocks are done, and it alone is returned.
//
// Shapes:
//   - images: [batch, height, width, 3]
//   - returns: [batch, vision embed]
func VisionTransformer(scope *model.Scope, images *Node, config VisionConfig, block BlockFunc) *Node {
	g, batch := images.Graph(), images.Shape().Dim(0)
	x := PatchEmbedding(scope.In("patch_embedding"), images, config.PatchSize, config.EmbedDim)
	patches, dtype := x.Shape().Dim(1), x.DType()

	cls := scope.WithInitializer(initializer.Zero).
		VariableWithShape("cls", shapes.Make(dtype, 1, 1, config.EmbedDim)).NodeValue(g)
	x = Concatenate([]*Node{BroadcastToDims(cls, batch, 1, config.EmbedDim), x}, 1) // [batch, 1+patches, embed]

	// Attention does not know the order of its inputs, so each position gets a vector of its own.
	positions := scope.WithInitializer(Normal(scope, 1)).
		VariableWithShape("positions", shapes.Make(dtype, 1, 1+patches, config.EmbedDim)).NodeValue(g)
	x = Dropout(scope, Add(x, positions), config.Dropout)

	for i := range config.NumBlocks {
		x = block(scope.In("block_%d", i), x)
	}
	x = Squeeze(Slice(x, AxisRange(), AxisElem(0)), 1) // [batch, embed]
	return LayerNorm(scope.In("final_norm"), x)
}
