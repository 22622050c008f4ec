package vlm

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// Model is a vision language model in its two halves, so that a picture is encoded once however
// many characters are written about it.
type Model struct {
	Config Config
	// Encode makes the visual token: images [batch, height, width, 3] to [batch, embed].
	Encode func(scope *model.Scope, images *Node) *Node
	// Decode scores the next character: ids [batch, text] and the visual token [batch, embed] to
	// logits [batch, 1+text, vocab].
	Decode func(scope *model.Scope, ids, image *Node) *Node
	// DecodeStep decodes one position at a time, with the results of Decode; nil where a model cannot, see
	// [WithCache].
	DecodeStep DecodeStep
	// ConceptLoss is nil but for models with a memory: the visual token and the numbers of the pictures'
	// captions, int32 [batch], to a scalar, see [ConceptLoss]. It shares the memory that Decode made before.
	ConceptLoss func(scope *model.Scope, image, captions *Node) *Node
}

// Forward runs both halves.
//
// Shapes:
//   - images: [batch, height, width, 3]
//   - ids: [batch, text]
//   - returns: logits [batch, 1+text, vocab]
func (m Model) Forward(scope *model.Scope, images, ids *Node) *Node {
	return m.Decode(scope, ids, m.Encode(scope, images))
}

// VisionLanguageModel joins the parts: encoder, projector, decoder. The blocks that encoder and
// decoder are made of are arguments.
func VisionLanguageModel(config Config, encoderBlock, decoderBlock BlockFunc) Model {
	return Model{
		Config: config,
		Encode: func(scope *model.Scope, images *Node) *Node {
			image := VisionTransformer(scope.In("vision_transformer"), images, config.Vision, encoderBlock)
			return MultimodalProjector(scope.In("projector"), image, config.Decoder.EmbedDim, config.Decoder.Dropout)
		},
		Decode: func(scope *model.Scope, ids, image *Node) *Node {
			return DecoderLanguageModel(scope.In("decoder"), ids, image, config.Decoder, decoderBlock)
		},
	}
}

// Seemore is the dense model of the first walkthrough: every block has the plain feed-forward with
// GELU and, as in the original, without dropout.
func Seemore(config Config) Model {
	feedForward := MLP(activation.Gelu, 0)
	encoderBlock := func(scope *model.Scope, x *Node) *Node {
		return Block(scope, x, config.Vision.NumHeads, false, config.Vision.Dropout, feedForward)
	}
	decoderBlock := func(scope *model.Scope, x *Node) *Node {
		return Block(scope, x, config.Decoder.NumHeads, true, config.Decoder.Dropout, feedForward)
	}
	return VisionLanguageModel(config, encoderBlock, decoderBlock)
}

// SeeMoE is the model of the second walkthrough: the decoder's feed-forwards are mixtures of experts,
// the encoder's are MLPs with ReLU and dropout.
func SeeMoE(config Config, mixture FeedForward) Model {
	encoderBlock := func(scope *model.Scope, x *Node) *Node {
		return Block(scope, x, config.Vision.NumHeads, false, config.Vision.Dropout, MLP(activation.Relu, config.Vision.Dropout))
	}
	decoderBlock := func(scope *model.Scope, x *Node) *Node {
		return Block(scope, x, config.Decoder.NumHeads, true, config.Decoder.Dropout, mixture)
	}
	return VisionLanguageModel(config, encoderBlock, decoderBlock)
}

// Mixture is the fast mixture of experts with the sizes of config: a noisy top-k router, and
// [GroupedMoE].
func Mixture(config DecoderConfig) FeedForward {
	return GroupedMoE(NoisyTopKRouter(config.NumExperts, config.TopK), config.TopK, config.Dropout)
}

// NumParameters counts the trainable numbers of the model in store; the store's own count has the
// optimizer's state and the random number generator's in it too.
func NumParameters(store *model.Store) int {
	total := 0
	for variable := range store.IterVariables() {
		if variable.Trainable {
			total += variable.Shape().Size()
		}
	}
	return total
}
