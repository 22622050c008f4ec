package main

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// runGenerate writes greedily with the package's generator, the correct algorithm.
func (c *testCase) runGenerate(opened compute.Backend) error {
	m := c.config.Ctor.variant()
	store := model.NewStore()
	if err := weights.Fill(store.RootScope(), weights.Model(m.Config, c.config.Ctor.NumExperts), c.weights); err != nil {
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
	batch, prompt := ids.Shape[0], ids.Shape[1]
	generator, err := vlm.NewGenerator(opened, store, m, prompt+c.config.NewTokens)
	if err != nil {
		return err
	}
	var tokens, logits []float32
	for row := range batch {
		image := transposed(part(images, row))
		sampling := vlm.Sampling{Prompt: toInt32(part(ids, row).Ints()), StopID: -1}
		written, err := generator.Generate([][]float32{image}, sampling, func(_, _ int, scores []float32) {
			logits = append(logits, scores...)
		})
		if err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
		for _, id := range written[0] {
			tokens = append(tokens, float32(id))
		}
	}
	if err := c.compare("out.tokens_correct", tokens, []int{batch, prompt + c.config.NewTokens}); err != nil {
		return err
	}
	return c.compare("out.last_logits_correct", logits, []int{batch, c.config.NewTokens, m.Config.Decoder.VocabSize})
}

// transposed turns one image [channels, height, width] into [height, width, channels].
func transposed(image weights.Tensor) []float32 {
	channels, pixels := image.Shape[0], image.Shape[1]*image.Shape[2]
	turned := make([]float32, channels*pixels)
	for i, value := range image.Floats() {
		turned[i%pixels*channels+i/pixels] = value
	}
	return turned
}

func toInt32(ids []int64) []int32 {
	small := make([]int32, 0, len(ids))
	for _, id := range ids {
		small = append(small, int32(id))
	}
	return slices.Clip(small)
}
