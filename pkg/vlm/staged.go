package vlm

import (
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Staged is [Seemore] with a ready-made image encoder that does not learn: pictures come as its
// features, [batch, features] with values from 0 on. What is left to train are projector and decoder,
// one after the other or together.
func Staged(config Config) Model {
	m := Seemore(config)
	m.Encode = func(scope *model.Scope, features *Node) *Node {
		x := Sqrt(AddScalar(features, 1e-6)) // a few features are much larger than the others
		return MultimodalProjector(scope.In("projector"), x, config.Decoder.EmbedDim, config.Decoder.Dropout)
	}
	return m
}

// Text is the decoder of [Seemore] alone: whatever the picture, its visual token is 0. It learns to write
// from text without pictures.
func Text(config Config) Model {
	m := Seemore(config)
	m.Encode = func(_ *model.Scope, images *Node) *Node {
		return Zeros(images.Graph(), shapes.Make(images.DType(), images.Shape().Dim(0), config.Decoder.EmbedDim))
	}
	return m
}
