package weights

import (
	"fmt"
	"math"

	"seemore/pkg/vlm"
)

// Infer finds the sizes of a whole model from its parameters' names and shapes. How many experts a
// token uses and the dropout cannot be seen there: TopK is 2 for a mixture and dropout 0.1, as in the
// originals. [Fill] checks the rest.
func Infer(parameters map[string]Tensor) (vlm.Config, error) {
	sizes := inference{parameters: parameters}
	cls := sizes.of("vision_encoder.cls_token", 3)
	patch := sizes.of("vision_encoder.patch_embedding.conv.weight", 4)
	positions := sizes.of("vision_encoder.pos_embedding", 3)
	tokens := sizes.of("decoder.token_embedding_table.weight", 2)
	context := sizes.of("decoder.position_embedding_table.weight", 2)
	if sizes.err != nil {
		return vlm.Config{}, sizes.err
	}
	side := int(math.Sqrt(float64(positions[1] - 1)))
	config := vlm.Config{
		Vision: vlm.VisionConfig{
			ImageSize: side * patch[3], PatchSize: patch[3], EmbedDim: cls[2], Dropout: 0.1,
			NumBlocks: sizes.count("vision_encoder.blocks.%d.ln1.weight"),
			NumHeads:  sizes.count("vision_encoder.blocks.0.attn.heads.%d.key.weight"),
		},
		Decoder: vlm.DecoderConfig{
			VocabSize: tokens[0], ContextLength: context[0], EmbedDim: tokens[1], Dropout: 0.1,
			NumBlocks: sizes.count("decoder.blocks.%d.ln1.weight"),
			NumHeads:  sizes.count("decoder.blocks.0.attn.heads.%d.key.weight"),
		},
	}
	if mixture := sizes.count("decoder.sparseMoEBlocks.%d.ln1.weight"); mixture > 0 {
		config.Decoder.NumBlocks, config.Decoder.TopK = mixture, 2
		config.Decoder.NumHeads = sizes.count("decoder.sparseMoEBlocks.0.attn.heads.%d.key.weight")
		config.Decoder.NumExperts = sizes.count("decoder.sparseMoEBlocks.0.sparseMoE.experts.%d.net.0.weight")
	}
	if err := config.Validate(); err != nil {
		return config, fmt.Errorf("the parameters are those of no model: %w", err)
	}
	return config, nil
}

// inference looks at names and shapes and keeps the first error.
type inference struct {
	parameters map[string]Tensor
	err        error
}

// of is the shape of a parameter that every model has.
func (s *inference) of(name string, rank int) []int {
	parameter, found := s.parameters[name]
	if s.err == nil && !found {
		s.err = fmt.Errorf("%s is missing: expected a tensor with %d axes", name, rank)
	} else if s.err == nil && len(parameter.Shape) != rank {
		s.err = fmt.Errorf("%s has shape %v: expected %d axes", name, parameter.Shape, rank)
	}
	return parameter.Shape
}

// count is how many parameters there are whose names differ in a number, from 0 on.
func (s *inference) count(format string) int {
	for n := 0; ; n++ {
		if _, found := s.parameters[fmt.Sprintf(format, n)]; !found {
			return n
		}
	}
}
