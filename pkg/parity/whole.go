package parity

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// wholeModels are the classes that go from pictures to logits.
var wholeModels = []string{"VisionLanguageModel", "VisionMoELanguageModel"}

// wholeClass is a decoder or a whole model, dense or with a mixture of experts.
func wholeClass(name string, c ctor, required []string) (class, error) {
	if slices.Contains(wholeModels, name) {
		if err := c.check(name, append(visionArguments, required...)...); err != nil {
			return class{}, err
		}
		return modelClass(c), nil
	}
	if err := c.check(name, required...); err != nil {
		return class{}, err
	}
	return decoderClass(c), nil
}

// decoderClass is the decoder with its projector: logits, and the loss if there are targets.
func decoderClass(c ctor) class {
	config := c.config()
	pieces := weights.Under("", "decoder/", weights.Decoder(config.Decoder, c.NumExperts))
	useImages := c.UseImages == nil || *c.UseImages
	if useImages {
		pieces = append(pieces, weights.Under("image_projection.", "projector/", weights.Projector(c.ImageEmbedDim, c.width()))...)
	}
	return class{pieces, func(scope *model.Scope, in map[string]*Node) []*Node {
		image := in["image_embeds"]
		switch {
		case image == nil:
		case useImages:
			image = vlm.MultimodalProjector(scope.In("projector"), image, c.width(), 0)
		default: // without a projector an image changes nothing
			image = nil
		}
		return withLoss(c.variant().Decode(scope, in["idx"], image), in["targets"])
	}, routersOf(c)}
}

// modelClass is the whole model: logits, and the loss if there are targets; or the encoder alone.
func modelClass(c ctor) class {
	return class{weights.Model(c.config(), c.NumExperts), func(scope *model.Scope, in map[string]*Node) []*Node {
		if images := in["X"]; images != nil {
			return []*Node{encoder(c, c.NumExperts > 0, scope.In("vision_transformer"), channelsLast(images))}
		}
		logits := c.variant().Forward(scope, channelsLast(in["img_array"]), in["idx"])
		return withLoss(logits, in["targets"])
	}, routersOf(c)}
}

// encoder is the image encoder without the projector.
func encoder(c ctor, mixture bool, scope *model.Scope, images *Node) *Node {
	block := func(scope *model.Scope, x *Node) *Node {
		return vlm.Block(scope, x, c.NumHeads, false, 0, c.visionFeedForward(mixture))
	}
	return vlm.VisionTransformer(scope, images, c.config().Vision, block)
}

func routersOf(c ctor) []string {
	var routers []string
	for i := range c.NLayer {
		if c.NumExperts > 0 {
			routers = append(routers, fmt.Sprintf("decoder/block_%d/feed_forward/router", i))
		}
	}
	return routers
}

func withLoss(logits, targets *Node) []*Node {
	if targets == nil {
		return []*Node{logits}
	}
	return []*Node{logits, vlm.Loss(logits, targets)}
}
