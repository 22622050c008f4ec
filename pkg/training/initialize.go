package training

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/vlm"
)

// initialize gives the variables of a step that have no value yet their first one, see [vlm.Initialize].
func (s *Step) initialize(batch train.Batch) error {
	if s.initialized {
		return nil
	}
	var inputs []shapes.Shape
	for _, input := range slices.Concat(batch.Inputs, batch.Labels) {
		inputs = append(inputs, input.Shape())
	}
	_, err := vlm.Initialize(s.store, s.build, inputs...)
	s.initialized = err == nil
	return err
}
