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

// Validate reports the first impossible size of the image encoder.
func (c VisionConfig) Validate() error {
	for _, size := range []namedSize{{"image_size", c.ImageSize}, {"patch_size", c.PatchSize}} {
		if err := size.atLeast(1); err != nil {
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
	if c.Features < 0 || c.Concepts < 0 {
		return fmt.Errorf("features is %d and concepts %d: from 0 on", c.Features, c.Concepts)
	}
	return validateTransformer(c.EmbedDim, c.NumBlocks, c.NumHeads, c.Dropout)
}

// Validate reports the first impossible size of the language model.
func (c DecoderConfig) Validate() error {
	if err := (namedSize{"vocab_size", c.VocabSize}).atLeast(2); err != nil {
		return err
	}
	if err := (namedSize{"context_length", c.ContextLength}).atLeast(2); err != nil {
		return err
	}
	if c.NumExperts < 0 || (c.NumExperts > 0 && (c.TopK < 1 || c.TopK > c.NumExperts)) {
		return fmt.Errorf("top_k is %d of num_experts %d: from 1 to the number of experts", c.TopK, c.NumExperts)
	}
	return validateTransformer(c.EmbedDim, c.NumBlocks, c.NumHeads, c.Dropout)
}

func validateTransformer(embedDim, numBlocks, numHeads int, dropout float64) error {
	for _, size := range []namedSize{{"embed_dim", embedDim}, {"num_blocks", numBlocks}, {"num_heads", numHeads}} {
		if err := size.atLeast(1); err != nil {
			return err
		}
	}
	if embedDim%numHeads != 0 {
		return fmt.Errorf("embed_dim %d is not a multiple of num_heads %d: the nearest are %s",
			embedDim, numHeads, nearestMultiples(embedDim, numHeads))
	}
	if !(dropout >= 0 && dropout < 1) {
		return fmt.Errorf("dropout %v is not in [0, 1): 0 drops nothing", dropout)
	}
	return nil
}

type namedSize struct {
	name  string
	value int
}

func (s namedSize) atLeast(least int) error {
	if s.value < least {
		return fmt.Errorf("%s is %d: at least %d", s.name, s.value, least)
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
