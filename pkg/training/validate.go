package training

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"seemore/pkg/captions"
)

// Validate reports the first setting that cannot work, before anything is compiled.
func (c Config) Validate() error {
	if Variants[c.Variant] == nil {
		return fmt.Errorf("variant %q is unknown: one of %s", c.Variant, strings.Join(variantNames(), ", "))
	}
	if err := c.Model.Validate(); err != nil {
		return err
	}
	if experts := c.Model.Decoder.NumExperts; (experts > 0) != (c.Variant == "seemoe") {
		return fmt.Errorf("decoder.num_experts is %d: seemoe has at least 1, the others have none", experts)
	}
	if got, features := c.Model.Vision.Features, featuresOf[c.Variant]; got != features {
		return fmt.Errorf("vision.features is %d: %s takes %d", got, c.Variant, features)
	}
	if got := c.Model.Vision.Concepts; (got > 0) != c.hasMemory() {
		return fmt.Errorf("vision.concepts is %d: layout and frozen keep at least 1 caption apart, the others none", got)
	}
	if err := c.validateLayout(); err != nil {
		return err
	}
	if c.Model.Vision.Features > 0 && c.Augmentation > 0 {
		return fmt.Errorf("augmentation is %v: features of a picture are computed once, it cannot be drawn anew", c.Augmentation)
	}
	if err := c.validateNumbers(); err != nil {
		return err
	}
	for i, scope := range c.Frozen {
		if strings.Trim(scope, "/ ") == "" || slices.Contains(c.Frozen[:i], scope) {
			return fmt.Errorf("frozen is %q: different names of parts expected, decoder for example", c.Frozen)
		}
	}
	return c.validateData()
}

// validateLayout checks what only the layout encoder needs: each of its convolutions halves the picture and doubles the width.
func (c Config) validateLayout() error {
	vision := c.Model.Vision
	if c.Variant != "layout" {
		return nil
	}
	if side := 1 << min(vision.NumBlocks, 30); vision.PatchSize != side {
		return fmt.Errorf("vision.patch_size is %d: vision.num_blocks %d convolutions, which halve a picture, make it %d", vision.PatchSize, vision.NumBlocks, side)
	}
	if vision.EmbedDim < vision.PatchSize {
		return fmt.Errorf("vision.embed_dim is %d: at least %d, since each of vision.num_blocks %d convolutions doubles it", vision.EmbedDim, vision.PatchSize, vision.NumBlocks)
	}
	return nil
}

const (
	maxBatchSize    = 1 << 16
	maxAugmentation = 10
)

// validateNumbers checks what decides how the weights are updated.
func (c Config) validateNumbers() error {
	if c.BatchSize < 1 || c.BatchSize > maxBatchSize {
		return fmt.Errorf("batch_size is %d: at least 1 and at most %d", c.BatchSize, maxBatchSize)
	}
	if !(float32(c.LearningRate) > 0) || math.IsInf(float64(float32(c.LearningRate)), 0) {
		return fmt.Errorf("learning_rate is %v: more than 0, and a number of 32 bits", c.LearningRate)
	}
	for _, weight := range []struct {
		name      string
		value     float64
		most      float64
		ofRouters bool
	}{
		{"balancing_loss", c.BalancingLoss, math.MaxFloat32, true}, {"router_z_loss", c.RouterZLoss, math.MaxFloat32, true},
		{"augmentation", c.Augmentation, maxAugmentation, false}, {"weight_decay", c.WeightDecay, math.MaxFloat32, false},
	} {
		if !(weight.value >= 0 && weight.value <= weight.most) {
			return fmt.Errorf("%s is %v: a number from 0 to %v", weight.name, weight.value, weight.most)
		}
		if weight.ofRouters && weight.value > 0 && c.Model.Decoder.NumExperts == 0 {
			return fmt.Errorf("%s is %v: a model without experts has no router", weight.name, weight.value)
		}
	}
	if c.CosineSteps < 0 || c.CosineSteps > math.MaxInt32 {
		return fmt.Errorf("cosine_steps is %d: a number from 0 to %d", c.CosineSteps, math.MaxInt32)
	}
	return nil
}

// validateData checks what must fit to the captions and pictures.
func (c Config) validateData() error {
	vocabulary, err := captions.NewVocabulary(c.Data.Characters)
	if err != nil {
		return fmt.Errorf("data.characters: %w", err)
	}
	if got, want := c.Model.Decoder.VocabSize, vocabulary.Size(); got != want {
		return fmt.Errorf("decoder.vocab_size is %d: the vocabulary has %d characters, <pad> included", got, want)
	}
	if longest := c.Model.Decoder.MaxTextLength(); c.Data.TextLength > longest {
		return fmt.Errorf("text_length is %d: decoder.context_length %d leaves room for %d characters",
			c.Data.TextLength, c.Model.Decoder.ContextLength, longest)
	}
	if c.Data.TextLength < 0 {
		return fmt.Errorf("text_length is %d: at least 1", c.Data.TextLength)
	}
	if c.Data.Names < 0 {
		return fmt.Errorf("data.names is %d: at least 1, or 0 for all", c.Data.Names)
	}
	switch c.Data.Alpha {
	case "", captions.AlphaOverWhite, captions.AlphaDrop:
		return nil
	}
	return fmt.Errorf("data.alpha is %q: %s or %s", string(c.Data.Alpha), captions.AlphaOverWhite, captions.AlphaDrop)
}
