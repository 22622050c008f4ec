package weights

import (
	"fmt"
	"slices"

	"seemore/pkg/vlm"
)

// Linear is a linear map.
func Linear(inputs, outputs int, bias bool) []Piece {
	pieces := []Piece{transposed("weight", "dense/weights", inputs, outputs, 0, 1)}
	if bias {
		pieces = append(pieces, plain("bias", "dense/biases", outputs))
	}
	return pieces
}

// LayerNorm is a layer normalisation.
func LayerNorm(width int) []Piece {
	return []Piece{plain("weight", "layer_normalization/gain", width), plain("bias", "layer_normalization/offset", width)}
}

// PatchEmbedding is the convolution that embeds patches.
func PatchEmbedding(patchSize, embedDim int) []Piece {
	return []Piece{
		convolution("conv.weight", "conv/weights", embedDim, 3, patchSize),
		plain("conv.bias", "conv/biases", embedDim),
	}
}

// AttentionHeads are heads of PyTorch, whose weights lie side by side here. A name with a %d counts
// the heads.
func AttentionHeads(name string, width, headDim, numHeads int) []Piece {
	var pieces []Piece
	for head := range numHeads {
		prefix := name
		if numHeads > 1 || name != "" {
			prefix = fmt.Sprintf(name, head)
		}
		for _, matrix := range []string{"key", "query", "value"} {
			pieces = append(pieces, transposed(prefix+matrix+".weight", matrix+"/dense/weights", width, headDim, head, numHeads))
		}
	}
	return pieces
}

// MultiHeadAttention is all heads and the map that mixes them.
func MultiHeadAttention(width, numHeads int) []Piece {
	return slices.Concat(
		Under("", "heads/", AttentionHeads("heads.%d.", width, width/numHeads, numHeads)),
		Under("proj.", "output/", Linear(width, width, true)))
}

// MLP is the plain feed-forward; PyTorch's names begin with prefix, "net." for its own class.
func MLP(prefix string, width int) []Piece {
	return slices.Concat(
		Under(prefix+"0.", "widen/", Linear(width, 4*width, true)),
		Under(prefix+"2.", "narrow/", Linear(4*width, width, true)))
}

// Projector is the multimodal projector.
func Projector(visionDim, embedDim int) []Piece {
	return slices.Concat(
		Under("net.0.", "widen/", Linear(visionDim, 4*visionDim, true)),
		Under("net.2.", "narrow/", Linear(4*visionDim, embedDim, true)))
}

// Expert is one expert of a mixture, number index of count.
func Expert(index, count, width int) []Piece {
	pieces := MLP("net.", width)
	for i, path := range []string{"widen/weights", "widen/biases", "narrow/weights", "narrow/biases"} {
		pieces[i] = pieces[i].stacked(index, count)
		pieces[i].Path = path
	}
	return pieces
}

// Router is the noisy top-k router.
func Router(width, numExperts int) []Piece {
	return slices.Concat(
		Under("topkroute_linear.", "logits/", Linear(width, numExperts, true)),
		Under("noise_linear.", "noise/", Linear(width, numExperts, true)))
}

// SparseMoE is the mixture of experts.
func SparseMoE(width, numExperts int) []Piece {
	pieces := Under("router.", "router/", Router(width, numExperts))
	for expert := range numExperts {
		pieces = append(pieces, Under(fmt.Sprintf("experts.%d.", expert), "experts/", Expert(expert, numExperts, width))...)
	}
	return pieces
}

// Block is a transformer block with the given feed-forward; name is PyTorch's for the latter.
func Block(width, numHeads int, name string, feedForward []Piece) []Piece {
	return slices.Concat(
		Under("ln1.", "norm_1/", LayerNorm(width)),
		Under("attn.", "attention/", MultiHeadAttention(width, numHeads)),
		Under("ln2.", "norm_2/", LayerNorm(width)),
		Under(name, "feed_forward/", feedForward))
}

// VisionTransformer is the image encoder of images with the given number of patches; feedForward
// names its blocks' in PyTorch: "ffn." in the dense original, "ffn.net." in the other.
func VisionTransformer(config vlm.VisionConfig, feedForward string) []Piece {
	pieces := slices.Concat(
		[]Piece{
			plain("cls_token", "cls", 1, 1, config.EmbedDim),
			plain("pos_embedding", "positions", 1, 1+config.NumPatches(), config.EmbedDim),
		},
		Under("patch_embedding.", "patch_embedding/", PatchEmbedding(config.PatchSize, config.EmbedDim)),
		Under("layer_norm.", "final_norm/", LayerNorm(config.EmbedDim)))
	for i := range config.NumBlocks {
		block := Block(config.EmbedDim, config.NumHeads, feedForward, MLP("", config.EmbedDim))
		pieces = append(pieces, Under(fmt.Sprintf("blocks.%d.", i), fmt.Sprintf("block_%d/", i), block)...)
	}
	return pieces
}

// Decoder is the language model without its projector; numExperts 0 is the dense one.
func Decoder(config vlm.DecoderConfig, numExperts int) []Piece {
	blocks, name, feedForward := "blocks.%d.", "ffn.", MLP("", config.EmbedDim)
	if numExperts > 0 {
		blocks, name, feedForward = "sparseMoEBlocks.%d.", "sparseMoE.", SparseMoE(config.EmbedDim, numExperts)
	}
	pieces := slices.Concat(
		[]Piece{
			plain("token_embedding_table.weight", "token_embedding/embeddings", config.VocabSize, config.EmbedDim),
			plain("position_embedding_table.weight", "positions", config.ContextLength, config.EmbedDim),
		},
		Under("ln_f.", "final_norm/", LayerNorm(config.EmbedDim)),
		Under("lm_head.", "head/", Linear(config.EmbedDim, config.VocabSize, true)))
	for i := range config.NumBlocks {
		block := Block(config.EmbedDim, config.NumHeads, name, slices.Clone(feedForward))
		pieces = append(pieces, Under(fmt.Sprintf(blocks, i), fmt.Sprintf("block_%d/", i), block)...)
	}
	return pieces
}

// Model is the whole model: numExperts 0 is the dense original, else the mixture of experts.
func Model(config vlm.Config, numExperts int) []Piece {
	feedForward := "ffn."
	if numExperts > 0 {
		feedForward = "ffn.net."
	}
	return slices.Concat(
		Under("vision_encoder.", "vision_transformer/", VisionTransformer(config.Vision, feedForward)),
		Under("decoder.image_projection.", "projector/", Projector(config.Vision.EmbedDim, config.Decoder.EmbedDim)),
		Under("decoder.", "decoder/", Decoder(config.Decoder, numExperts)))
}
