package parity

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// class is one class of the originals: where its parameters go and how a call of it is computed.
type class struct {
	pieces  []weights.Piece
	forward func(scope *model.Scope, in map[string]*Node) []*Node // in: Python's argument names
	routers []string                                              // scopes of the routers, in the order in which they draw noise
}

// newClass finds the class of a case.
func newClass(config caseConfig) (class, error) {
	c := config.Ctor
	mixture := config.SourceFile == "seeMoE.py"
	if !mixture && config.SourceFile != "seemore.py" {
		return class{}, fmt.Errorf("config.json: source_file %q is unknown: seemore.py or seeMoE.py", config.SourceFile)
	}
	switch config.Class {
	case "PatchEmbeddings", "MLP", "Head", "MultiHeadAttention", "Block", "ViT", "MultiModalProjector":
		return moduleClass(config.Class, c, mixture)
	case "Expert", "NoisyTopkRouter", "SparseMoE", "SparseMoEBlock":
		return mixtureClass(config.Class, c)
	case "DecoderLanguageModel", "VisionLanguageModel":
		c.NumExperts, c.TopK = 0, 0
		return wholeClass(config.Class, c, decoderArguments)
	case "MoEDecoderLanguageModel", "VisionMoELanguageModel":
		return wholeClass(config.Class, c, append(mixtureArguments, decoderArguments...))
	}
	return class{}, fmt.Errorf("config.json: class %q is unknown", config.Class)
}

// one is a class whose call has one argument and one result.
func one(pieces []weights.Piece, forward func(scope *model.Scope, x *Node) *Node, routers ...string) class {
	return class{pieces, func(scope *model.Scope, in map[string]*Node) []*Node {
		if len(in) != 1 {
			panic(fmt.Sprintf("a call has %d arguments: expected 1", len(in)))
		}
		for _, x := range in {
			return []*Node{forward(scope, x)}
		}
		return nil
	}, routers}
}

// moduleClass is a component of both originals; mixture tells which of the two.
func moduleClass(name string, c ctor, mixture bool) (class, error) {
	required := map[string][]string{
		"PatchEmbeddings": {"patch_size", "hidden_dim"}, "MLP": {"n_embd"}, "Head": {"n_embd", "head_size"},
		"MultiHeadAttention": {"n_embd", "num_heads"}, "Block": {"n_embd", "num_heads"},
		"ViT": append([]string{"num_hiddens"}, visionArguments...), "MultiModalProjector": {"n_embd", "image_embed_dim"},
	}[name]
	if err := c.check(name, required...); err != nil {
		return class{}, err
	}
	width, causal := c.width(), c.IsDecoder != nil && *c.IsDecoder
	switch name {
	case "PatchEmbeddings":
		return one(weights.PatchEmbedding(c.PatchSize, c.HiddenDim), func(scope *model.Scope, x *Node) *Node {
			return vlm.PatchEmbedding(scope, channelsLast(x), c.PatchSize, c.HiddenDim)
		}), nil
	case "MLP":
		activate := vlm.Activation(activation.Relu) // the originals' default here is the decoder
		if c.IsDecoder != nil && !causal {
			activate = activation.Gelu
		}
		return one(weights.MLP("net.", width), vlm.MLP(activate, 0)), nil
	case "Head":
		return one(weights.AttentionHeads("", width, c.HeadSize, 1), func(scope *model.Scope, x *Node) *Node {
			return Squeeze(vlm.AttentionHead(scope, x, 1, c.HeadSize, causal, 0), 2)
		}), nil
	case "MultiHeadAttention":
		return one(weights.MultiHeadAttention(width, c.NumHeads), func(scope *model.Scope, x *Node) *Node {
			return vlm.MultiHeadAttention(scope, x, c.NumHeads, causal, 0)
		}), nil
	case "Block":
		pieces := weights.Block(width, c.NumHeads, feedForwardName(mixture), weights.MLP("", width))
		return one(pieces, func(scope *model.Scope, x *Node) *Node {
			return vlm.Block(scope, x, c.NumHeads, causal, 0, c.visionFeedForward(mixture))
		}), nil
	case "ViT":
		return one(weights.VisionTransformer(c.config().Vision, feedForwardName(mixture)), func(scope *model.Scope, x *Node) *Node {
			return encoder(c, mixture, scope, channelsLast(x))
		}), nil
	default: // MultiModalProjector
		return one(weights.Projector(c.ImageEmbedDim, width), func(scope *model.Scope, x *Node) *Node {
			return vlm.MultimodalProjector(scope, x, width, 0)
		}), nil
	}
}

// mixtureClass is a component that only the mixture of experts has.
func mixtureClass(name string, c ctor) (class, error) {
	required := map[string][]string{
		"Expert": {"n_embd"}, "NoisyTopkRouter": {"n_embd", "num_experts", "top_k"},
		"SparseMoE": {"n_embd", "num_experts", "top_k"}, "SparseMoEBlock": {"n_embd", "num_heads", "num_experts", "top_k"},
	}[name]
	if err := c.check(name, required...); err != nil {
		return class{}, err
	}
	width, causal := c.width(), c.IsDecoder != nil && *c.IsDecoder
	mixture := vlm.SparseMoE(vlm.NoisyTopKRouter(c.NumExperts, c.TopK), 0)
	switch name {
	case "Expert":
		return one(weights.Expert(0, 1, width), func(scope *model.Scope, x *Node) *Node {
			return Reshape(vlm.Experts(scope, Reshape(x, 1, -1, width), 0), x.Shape().Dimensions...)
		}), nil
	case "NoisyTopkRouter":
		return class{weights.Router(width, c.NumExperts), func(scope *model.Scope, in map[string]*Node) []*Node {
			x := in["mh_output"]
			gates := vlm.NoisyTopKRouter(c.NumExperts, c.TopK)(scope, Reshape(x, -1, width))
			gates = Reshape(gates, append(x.Shape().Clone().Dimensions[:x.Rank()-1], c.NumExperts)...)
			_, indices := TopK(gates, c.TopK, -1) // softmax keeps the order of the logits
			return []*Node{gates, indices}
		}, []string{""}}, nil
	case "SparseMoE":
		return one(weights.SparseMoE(width, c.NumExperts), mixture, "router"), nil
	default: // SparseMoEBlock
		pieces := weights.Block(width, c.NumHeads, "sparseMoE.", weights.SparseMoE(width, c.NumExperts))
		return one(pieces, func(scope *model.Scope, x *Node) *Node {
			return vlm.Block(scope, x, c.NumHeads, causal, 0, mixture)
		}, "feed_forward/router"), nil
	}
}

// feedForwardName begins PyTorch's names of a block's feed-forward in the encoder.
func feedForwardName(mixture bool) string {
	if mixture {
		return "ffn.net."
	}
	return "ffn."
}

// channelsLast turns PyTorch's [batch, channels, height, width] into [batch, height, width, channels].
func channelsLast(images *Node) *Node { return TransposeAllAxes(images, 0, 2, 3, 1) }
