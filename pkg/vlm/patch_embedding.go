package vlm

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
)

// PatchEmbedding cuts each image into square patches and projects every patch to a vector.
//
// A remainder at the right and bottom edge, narrower than a patch, is dropped.
//
// Shapes:
//   - images: [batch, height, width, channels]
//   - returns: [batch, patches, embed], patches in row-major order
func PatchEmbedding(scope *model.Scope, images *Node, patchSize, embedDim int) *Node {
	batch, channels := images.Shape().Dim(0), images.Shape().Dim(3)
	limit := 1 / math.Sqrt(float64(channels*patchSize*patchSize))
	scope = scope.WithInitializer(Uniform(scope, limit))
	// Kernel and stride are both one patch, so each step of the convolution sees one patch.
	x := layers.Convolution(scope, images).
		Channels(embedDim).KernelSize(patchSize).Strides(patchSize).NoPadding().Done()
	rows, columns := x.Shape().Dim(1), x.Shape().Dim(2)
	x.AssertDims(batch, rows, columns, embedDim)
	return Reshape(x, batch, rows*columns, embedDim)
}
