package vlm

import "fmt"

// Config holds every size of the model. It has JSON tags and travels inside a run's checkpoints.
type Config struct {
	Vision  VisionConfig  `json:"vision"`
	Decoder DecoderConfig `json:"decoder"`
}

// VisionConfig holds the sizes of the image encoder.
type VisionConfig struct {
	ImageSize int     `json:"image_size"` // height and width, pixels
	PatchSize int     `json:"patch_size"` // height and width of a patch, pixels
	EmbedDim  int     `json:"embed_dim"`  // width of a patch's vector
	NumBlocks int     `json:"num_blocks"`
	NumHeads  int     `json:"num_heads"`          // divides EmbedDim
	Dropout   float64 `json:"dropout"`            // probability that a value is dropped while training
	Features  int     `json:"features,omitempty"` // numbers for each picture of a ready-made encoder ([Frozen]); 0 where the model has its own
	Concepts  int     `json:"concepts,omitempty"` // captions that a memory keeps apart ([Recall]); 0 where there is none
}

// DecoderConfig holds the sizes of the language model.
type DecoderConfig struct {
	VocabSize     int     `json:"vocab_size"`     // characters, <pad> included
	ContextLength int     `json:"context_length"` // rows of the position table: the visual token and the text
	EmbedDim      int     `json:"embed_dim"`      // width of a character's vector
	NumBlocks     int     `json:"num_blocks"`
	NumHeads      int     `json:"num_heads"` // divides EmbedDim
	Dropout       float64 `json:"dropout"`
	NumExperts    int     `json:"num_experts,omitempty"` // of a mixture; 0 for the dense model
	TopK          int     `json:"top_k,omitempty"`       // experts that each token uses
}

// DefaultConfig is the originals' full size: 12,907,970 parameters.
func DefaultConfig() Config {
	return Config{
		Vision: VisionConfig{ImageSize: 96, PatchSize: 16, EmbedDim: 512, NumBlocks: 3, NumHeads: 8, Dropout: 0.1},
		Decoder: DecoderConfig{VocabSize: 66, ContextLength: 1000, EmbedDim: 128, NumBlocks: 8, NumHeads: 8,
			Dropout: 0.1},
	}
}

// TinyConfig is the same model in small, for tests and for cells that should answer at once.
func TinyConfig() Config {
	return Config{
		Vision:  VisionConfig{ImageSize: 32, PatchSize: 8, EmbedDim: 32, NumBlocks: 2, NumHeads: 4, Dropout: 0.1},
		Decoder: DecoderConfig{VocabSize: 66, ContextLength: 64, EmbedDim: 32, NumBlocks: 2, NumHeads: 4, Dropout: 0.1},
	}
}

// WithExperts is the same model as a mixture of experts in the decoder.
func (c Config) WithExperts(numExperts, topK int) Config {
	c.Decoder.NumExperts, c.Decoder.TopK = numExperts, topK
	return c
}

// InputDims are the sizes of one picture as the model takes it: [height, width, 3], or [features] of a
// ready-made encoder.
func (c VisionConfig) InputDims() []int {
	if c.Features > 0 {
		return []int{c.Features}
	}
	return []int{c.ImageSize, c.ImageSize, 3}
}

// NumPatches is the number of patches of an image.
func (c VisionConfig) NumPatches() int {
	side := c.ImageSize / c.PatchSize
	return side * side
}

// MaxTextLength is the longest text, in characters, that fits beside the visual token.
func (c DecoderConfig) MaxTextLength() int { return c.ContextLength - 1 }

// Validate reports the first size that cannot work, with the nearest ones that can, before anything
// is compiled.
func (c Config) Validate() error {
	if err := c.Vision.Validate(); err != nil {
		return fmt.Errorf("vision.%w", err)
	}
	if err := c.Decoder.Validate(); err != nil {
		return fmt.Errorf("decoder.%w", err)
	}
	return nil
}

// The largest sizes that are accepted: beyond them no machine that this project is for has the memory.
const (
	maxImageSize  = 4096
	maxPatches    = 1 << 14
	maxWidth      = 1 << 16 // of vectors
	maxBlocks     = 1 << 10
	maxVocabulary = 1 << 21
	maxContext    = 1 << 16
	maxExperts    = 1 << 12
	maxConcepts   = 1 << 24
	maxParameters = 1 << 31 // of the encoder and of the decoder
)

// Validate reports the first impossible size of the image encoder.
func (c VisionConfig) Validate() error {
	for _, size := range []namedSize{{"image_size", c.ImageSize, 1, maxImageSize}, {"patch_size", c.PatchSize, 1, maxImageSize}} {
		if err := size.validate(); err != nil {
			return err
		}
	}
	if c.PatchSize > c.ImageSize {
		return fmt.Errorf("patch_size %d is larger than image_size %d: at most %d", c.PatchSize, c.ImageSize, c.ImageSize)
	}
	if c.ImageSize%c.PatchSize != 0 {
		return fmt.Errorf("image_size %d is not a multiple of patch_size %d: the nearest are %s",
			c.ImageSize, c.PatchSize, nearestMultiples(c.ImageSize, c.PatchSize))
	}
	if n := c.NumPatches(); n > maxPatches {
		return fmt.Errorf("patch_size %d makes %d patches of image_size %d: at most %d", c.PatchSize, n, c.ImageSize, maxPatches)
	}
	for _, size := range []namedSize{{"features", c.Features, 0, maxWidth}, {"concepts", c.Concepts, 0, maxConcepts}} {
		if err := size.validate(); err != nil {
			return err
		}
	}
	return validateTransformer(c.EmbedDim, c.NumBlocks, c.NumHeads, 0, c.Dropout)
}

// Validate reports the first impossible size of the language model.
func (c DecoderConfig) Validate() error {
	for _, size := range []namedSize{{"vocab_size", c.VocabSize, 2, maxVocabulary}, {"context_length", c.ContextLength, 2, maxContext},
		{"num_experts", c.NumExperts, 0, maxExperts}} {
		if err := size.validate(); err != nil {
			return err
		}
	}
	if c.NumExperts > 0 && (c.TopK < 1 || c.TopK > c.NumExperts) {
		return fmt.Errorf("top_k is %d of num_experts %d: from 1 to the number of experts", c.TopK, c.NumExperts)
	}
	if c.NumExperts == 0 && c.TopK != 0 {
		return fmt.Errorf("num_experts is 0 and top_k %d: both are 0 in a model without experts", c.TopK)
	}
	return validateTransformer(c.EmbedDim, c.NumBlocks, c.NumHeads, c.NumExperts, c.Dropout)
}

func validateTransformer(embedDim, numBlocks, numHeads, numExperts int, dropout float64) error {
	for _, size := range []namedSize{{"embed_dim", embedDim, 1, maxWidth}, {"num_blocks", numBlocks, 1, maxBlocks}, {"num_heads", numHeads, 1, maxWidth}} {
		if err := size.validate(); err != nil {
			return err
		}
	}
	if embedDim%numHeads != 0 {
		return fmt.Errorf("embed_dim %d is not a multiple of num_heads %d: the nearest are %s",
			embedDim, numHeads, nearestMultiples(embedDim, numHeads))
	}
	// Attention has four square matrices, a feed-forward the numbers of eight.
	if n := float64(numBlocks) * float64(embedDim) * float64(embedDim) * float64(4+8*max(1, numExperts)); n > maxParameters {
		return fmt.Errorf("embed_dim is %d: with num_blocks %d and %d experts that makes %.2g parameters, at most %.2g", embedDim, numBlocks, numExperts, n, float64(maxParameters))
	}
	if !(dropout >= 0 && dropout < 1) {
		return fmt.Errorf("dropout %v is not in [0, 1): 0 drops nothing", dropout)
	}
	return nil
}

type namedSize struct {
	name               string
	value, least, most int
}

func (s namedSize) validate() error {
	if s.value < s.least {
		return fmt.Errorf("%s is %d: at least %d", s.name, s.value, s.least)
	}
	if s.value > s.most {
		return fmt.Errorf("%s is %d: at most %d", s.name, s.value, s.most)
	}
	return nil
}

// nearestMultiples names the multiples of divisor on both sides of value.
func nearestMultiples(value, divisor int) string {
	below := value / divisor * divisor
	if below == 0 {
		return fmt.Sprint(divisor)
	}
	return fmt.Sprintf("%d and %d", below, below+divisor)
}
