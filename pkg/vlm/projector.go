package vlm

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// MultimodalProjector carries the image's vector over into the space of the decoder's token
// embeddings: one visual token for each image.
//
// Shapes:
//   - image: [batch, vision embed]
//   - returns: [batch, embed]
func MultimodalProjector(scope *model.Scope, image *Node, embedDim int, dropout float64) *Node {
	hidden := activation.Gelu(Linear(scope.In("widen"), image, 4*image.Shape().Dim(-1), true))
	return Dropout(scope, Linear(scope.In("narrow"), hidden, embedDim, true), dropout)
}
