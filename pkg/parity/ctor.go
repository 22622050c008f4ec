package parity

import (
	"fmt"

	"github.com/gomlx/gomlx/ml/layers/activation"

	"seemore/pkg/vlm"
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

	build func(vlm.Config) vlm.Model // the caller's own model; nil is the package's
}

// contextLength is the number of rows of the originals' position table, whatever the arguments.
const contextLength = 1000

func (c ctor) width() int { return max(c.NEmbd, c.NEmbed) }

// config is the model of a whole-model, ViT or decoder class.
func (c ctor) config() vlm.Config {
	return vlm.Config{
		Vision: vlm.VisionConfig{ImageSize: c.ImgSize, PatchSize: c.PatchSize, EmbedDim: max(c.ImageEmbedDim, c.NumHiddens),
			NumBlocks: c.NumBlks, NumHeads: c.NumHeads},
		Decoder: vlm.DecoderConfig{VocabSize: c.VocabSize, ContextLength: contextLength, EmbedDim: c.width(),
			NumBlocks: c.NLayer, NumHeads: c.NumHeads, NumExperts: c.NumExperts, TopK: c.TopK},
	}
}

// variant is the model of the constructor arguments: the caller's, dense, or a mixture of experts, these in
// the fast forms that training uses.
func (c ctor) variant() vlm.Model {
	if c.build != nil {
		return c.build(c.config())
	}
	if c.NumExperts > 0 {
		m := vlm.SeeMoE(c.config(), vlm.Mixture(c.config().Decoder))
		return vlm.WithClassTokenOnly(m, c.visionFeedForward(true))
	}
	return vlm.WithClassTokenOnly(vlm.Seemore(c.config()), c.visionFeedForward(false))
}

// visionFeedForward is that of the encoder's blocks.
func (c ctor) visionFeedForward(mixture bool) vlm.FeedForward {
	if mixture {
		return vlm.MLP(activation.Relu, 0)
	}
	return vlm.MLP(activation.Gelu, 0)
}

// arguments names every number of the constructor.
func (c ctor) arguments() map[string]int {
	return map[string]int{
		"img_size": c.ImgSize, "patch_size": c.PatchSize, "hidden_dim": c.HiddenDim, "num_hiddens": c.NumHiddens,
		"num_blks": c.NumBlks, "n_embd": c.width(), "head_size": c.HeadSize, "num_heads": c.NumHeads, "n_layer": c.NLayer,
		"vocab_size": c.VocabSize, "image_embed_dim": c.ImageEmbedDim, "num_experts": c.NumExperts, "top_k": c.TopK,
	}
}

var (
	visionArguments  = []string{"img_size", "patch_size", "num_heads", "num_blks"}
	decoderArguments = []string{"n_embd", "image_embed_dim", "vocab_size", "num_heads", "n_layer"}
	mixtureArguments = []string{"num_experts", "top_k"}
)

// check reports an argument that is missing or impossible, before anything is built from it.
func (c ctor) check(class string, required ...string) error {
	arguments := c.arguments()
	for _, name := range required {
		if arguments[name] < 1 {
			return fmt.Errorf("config.json: %s of %s is %d or missing: at least 1", name, class, arguments[name])
		}
	}
	for _, name := range sortedKeys(arguments) {
		if value := arguments[name]; value < 0 || value > 1<<16 {
			return fmt.Errorf("config.json: %s of %s is %d: from 0 to %d", name, class, value, 1<<16)
		}
	}
	// Names of parameters are made before they are looked for in the weights.
	if n := (c.NumBlks + c.NLayer + 1) * (c.NumHeads + c.NumExperts + 1); n > 1<<11 {
		return fmt.Errorf("config.json: %s has %d blocks, %d heads and %d experts: too many", class, c.NumBlks+c.NLayer, c.NumHeads, c.NumExperts)
	}
	if heads := c.NumHeads; heads > 0 && (c.width()%heads != 0 || max(c.NumHiddens, c.ImageEmbedDim)%heads != 0 && c.NumBlks > 0) {
		return fmt.Errorf("config.json: num_heads %d of %s does not divide its width", heads, class)
	}
	if c.PatchSize > c.ImgSize && c.ImgSize > 0 {
		return fmt.Errorf("config.json: patch_size %d of %s is larger than img_size %d", c.PatchSize, class, c.ImgSize)
	}
	if c.TopK > c.NumExperts {
		return fmt.Errorf("config.json: top_k %d of %s is larger than num_experts %d", c.TopK, class, c.NumExperts)
	}
	return nil
}
