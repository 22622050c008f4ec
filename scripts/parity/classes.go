package main

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// ctor holds the constructor arguments of the originals' classes, under all their names.
type ctor struct {
	ImgSize       int   `json:"img_size"`
	PatchSize     int   `json:"patch_size"`
	HiddenDim     int   `json:"hidden_dim"`
	NumHiddens    int   `json:"num_hiddens"`
	NumBlks       int   `json:"num_blks"`
	NEmbd         int   `json:"n_embd"`
	NEmbed        int   `json:"n_embed"`
	HeadSize      int   `json:"head_size"`
	NumHeads      int   `json:"num_heads"`
	NLayer        int   `json:"n_layer"`
	VocabSize     int   `json:"vocab_size"`
	ImageEmbedDim int   `json:"image_embed_dim"`
	NumExperts    int   `json:"num_experts"`
	TopK          int   `json:"top_k"`
	IsDecoder     *bool `json:"is_decoder"`
	UseImages     *bool `json:"use_images"`
}

func (c ctor) width() int { return max(c.NEmbd, c.NEmbed) }

// config is the model of a whole-model, ViT or decoder class.
func (c ctor) config() vlm.Config {
	return vlm.Config{
		Vision: vlm.VisionConfig{ImageSize: c.ImgSize, PatchSize: c.PatchSize, EmbedDim: max(c.ImageEmbedDim, c.NumHiddens), NumBlocks: c.NumBlks, NumHeads: c.NumHeads},
		Decoder: vlm.DecoderConfig{VocabSize: c.VocabSize, ContextLength: 1000, EmbedDim: c.width(), NumBlocks: c.NLayer, NumHeads: c.NumHeads,
			NumExperts: c.NumExperts, TopK: c.TopK},
	}
}

// class is one class of the originals: where its parameters go and how a call of it is computed.
type class struct {
	pieces  []weights.Piece
	forward func(scope *model.Scope, in map[string]*Node) []*Node // in: Python's argument names
	routers []string                                              // scopes of the routers, in the order in which they draw noise
}

// newClass finds the class of a case.
func newClass(config caseConfig) (class, error) {
	c, moe := config.Ctor, config.SourceFile == "seeMoE.py"
	causal := c.IsDecoder == nil || *c.IsDecoder
	one := func(pieces []weights.Piece, forward func(scope *model.Scope, x *Node) *Node, routers ...string) (class, error) {
		return class{pieces, func(scope *model.Scope, in map[string]*Node) []*Node {
			for _, x := range in {
				return []*Node{forward(scope, x)}
			}
			return nil
		}, routers}, nil
	}
	width := c.width()
	feedForward := vlm.MLP(activation.Gelu, 0)
	if moe {
		feedForward = vlm.MLP(activation.Relu, 0)
	}
	switch config.Class {
	case "PatchEmbeddings":
		return one(weights.PatchEmbedding(c.PatchSize, c.HiddenDim), func(scope *model.Scope, x *Node) *Node {
			return vlm.PatchEmbedding(scope, channelsLast(x), c.PatchSize, c.HiddenDim)
		})
	case "MLP":
		if causal {
			feedForward = vlm.MLP(activation.Relu, 0)
		} else {
			feedForward = vlm.MLP(activation.Gelu, 0)
		}
		return one(weights.MLP("net.", width), feedForward)
	case "Head":
		return one(weights.AttentionHeads("", width, c.HeadSize, 1), func(scope *model.Scope, x *Node) *Node {
			return Squeeze(vlm.AttentionHead(scope, x, 1, c.HeadSize, causal, 0), 2)
		})
	case "MultiHeadAttention":
		return one(weights.MultiHeadAttention(width, c.NumHeads), func(scope *model.Scope, x *Node) *Node {
			return vlm.MultiHeadAttention(scope, x, c.NumHeads, causal, 0)
		})
	case "Block":
		name := "ffn."
		if moe {
			name = "ffn.net."
		}
		return one(weights.Block(width, c.NumHeads, name, weights.MLP("", width)), func(scope *model.Scope, x *Node) *Node {
			return vlm.Block(scope, x, c.NumHeads, causal, 0, feedForward)
		})
	case "ViT":
		name := "ffn."
		if moe {
			name = "ffn.net."
		}
		vision := c.config().Vision
		return one(weights.VisionTransformer(vision, name), func(scope *model.Scope, x *Node) *Node {
			block := func(scope *model.Scope, x *Node) *Node {
				return vlm.Block(scope, x, c.NumHeads, false, 0, feedForward)
			}
			return vlm.VisionTransformer(scope, channelsLast(x), vision, block)
		})
	case "MultiModalProjector":
		return one(weights.Projector(c.ImageEmbedDim, width), func(scope *model.Scope, x *Node) *Node {
			return vlm.MultimodalProjector(scope, x, width, 0)
		})
	case "Expert":
		return one(weights.Expert(0, 1, width), func(scope *model.Scope, x *Node) *Node {
			return Reshape(vlm.Experts(scope, Reshape(x, 1, -1, width), 0), x.Shape().Dimensions...)
		})
	case "NoisyTopkRouter":
		return class{weights.Router(width, c.NumExperts), func(scope *model.Scope, in map[string]*Node) []*Node {
			x := in["mh_output"]
			gates := vlm.NoisyTopKRouter(scope, Reshape(x, -1, width), c.NumExperts, c.TopK)
			_, indices := TopK(gates, c.TopK, -1)
			outer := x.Shape().Dimensions[:x.Rank()-1]
			return []*Node{Reshape(gates, append(outer[:len(outer):len(outer)], c.NumExperts)...), Reshape(indices, append(outer[:len(outer):len(outer)], c.TopK)...)}
		}, []string{""}}, nil
	case "SparseMoE":
		return one(weights.SparseMoE(width, c.NumExperts), vlm.SparseMoE(c.NumExperts, c.TopK, 0), "router")
	case "SparseMoEBlock":
		return one(weights.Block(width, c.NumHeads, "sparseMoE.", weights.SparseMoE(width, c.NumExperts)), func(scope *model.Scope, x *Node) *Node {
			return vlm.Block(scope, x, c.NumHeads, causal, 0, vlm.SparseMoE(c.NumExperts, c.TopK, 0))
		}, "feed_forward/router")
	case "DecoderLanguageModel", "MoEDecoderLanguageModel":
		return decoderClass(c), nil
	case "VisionLanguageModel", "VisionMoELanguageModel":
		return modelClass(c), nil
	}
	return class{}, fmt.Errorf("class %q of config.json is unknown", config.Class)
}

// variant is the model of the constructor arguments: dense, or a mixture of experts.
func (c ctor) variant() vlm.Model {
	if c.NumExperts > 0 {
		return vlm.SeeMoE(c.config())
	}
	return vlm.Seemore(c.config())
}

// decoderClass is the decoder with its projector: logits, and the loss if there are targets.
func decoderClass(c ctor) class {
	config := c.config()
	pieces := weights.Under("", "decoder/", weights.Decoder(config.Decoder, c.NumExperts))
	if c.UseImages == nil || *c.UseImages {
		pieces = append(pieces, weights.Under("image_projection.", "projector/", weights.Projector(c.ImageEmbedDim, c.width()))...)
	}
	return class{pieces, func(scope *model.Scope, in map[string]*Node) []*Node {
		image := in["image_embeds"]
		if image != nil {
			image = vlm.MultimodalProjector(scope.In("projector"), image, c.width(), 0)
		}
		return withLoss(c.variant().Decode(scope, in["idx"], image), in["targets"])
	}, routersOf(c)}
}

// modelClass is the whole model: logits, and the loss if there are targets; or the encoder alone.
func modelClass(c ctor) class {
	return class{weights.Model(c.config(), c.NumExperts), func(scope *model.Scope, in map[string]*Node) []*Node {
		if images := in["X"]; images != nil {
			return []*Node{encoderOf(c, scope, channelsLast(images))}
		}
		logits := c.variant().Forward(scope, channelsLast(in["img_array"]), in["idx"])
		return withLoss(logits, in["targets"])
	}, routersOf(c)}
}

// encoderOf is the image encoder without the projector.
func encoderOf(c ctor, scope *model.Scope, images *Node) *Node {
	activate := vlm.Activation(activation.Gelu)
	if c.NumExperts > 0 {
		activate = activation.Relu
	}
	block := func(scope *model.Scope, x *Node) *Node {
		return vlm.Block(scope, x, c.NumHeads, false, 0, vlm.MLP(activate, 0))
	}
	return vlm.VisionTransformer(scope.In("vision_transformer"), images, c.config().Vision, block)
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

// channelsLast turns PyTorch's [batch, channels, height, width] into [batch, height, width, channels].
func channelsLast(images *Node) *Node { return TransposeAllAxes(images, 0, 2, 3, 1) }

func isRouter(name string, only []string) bool {
	for _, part := range only {
		if strings.Contains(name, part) {
			return true
		}
	}
	return len(only) == 0
}
