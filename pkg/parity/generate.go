package parity

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// runGenerate writes greedily with the package's generator, the correct algorithm. What the
// originals' own, broken generate gave is in the case too and is not what is wanted here.
func (c *testCase) runGenerate(opened compute.Backend) error {
	var config struct {
		NewTokens int `json:"max_new_tokens"`
	}
	if err := c.decode(&config); err != nil {
		return err
	}
	class, err := newClass(c.config)
	if err != nil {
		return err
	}
	store, m := model.NewStore(), c.config.Ctor.variant()
	if err := weights.Fill(store.RootScope(), class.pieces, c.weights); err != nil {
		return err
	}
	images, err := c.tensor("in.images")
	if err != nil {
		return err
	}
	ids, err := c.tensor("in.idx")
	if err != nil {
		return err
	}
	if len(images.Shape) != 4 || len(ids.Shape) != 2 || images.Shape[0] != ids.Shape[0] || images.DType() != "F32" || ids.DType() != "I64" {
		return fmt.Errorf("io.safetensors: in.images %v and in.idx %v: images [batch, 3, height, width] and ids [batch, text] expected",
			images.Shape, ids.Shape)
	}
	batch, length := ids.Shape[0], ids.Shape[1]+config.NewTokens
	generator, err := vlm.NewGenerator(opened, store, m, length)
	if err != nil {
		return err
	}
	var tokens []int32
	var logits []float32
	for row := range batch {
		sampling := vlm.Sampling{Prompt: toInt32(part(ids, row).Ints()), StopID: -1}
		image := pixelsOf(part(images, row))
		written, err := generator.Generate([][]float32{image}, sampling, func(_, _ int, scores []float32) {
			logits = append(logits, scores...)
		})
		if err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
		tokens = slices.Concat(tokens, written[0])
	}
	if err := c.compareIDs("out.tokens_correct", tokens, []int{batch, length}); err != nil {
		return err
	}
	return c.compare("out.last_logits_correct", logits, []int{batch, config.NewTokens, m.Config.Decoder.VocabSize})
}

// pixelsOf turns one image [channels, height, width] into [height, width, channels].
func pixelsOf(image weights.Tensor) []float32 {
	channels, pixels := image.Shape[0], image.Shape[1]*image.Shape[2]
	turned := make([]float32, channels*pixels)
	for i, value := range image.Floats() {
		turned[i%pixels*channels+i/pixels] = value
	}
	return turned
}
