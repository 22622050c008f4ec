package training

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/backend"
	"seemore/pkg/vlm"
)

// initialize gives the variables of a step that have no value yet their first one, see [vlm.Initialize], and brings
// all to the device: Go would keep the first values until it needs their memory for something else.
func (s *Step) initialize(batch train.Batch) error {
	if s.initialized {
		return nil
	}
	var inputs []shapes.Shape
	for _, input := range slices.Concat(batch.Inputs, batch.Labels) {
		inputs = append(inputs, input.Shape())
	}
	s.initialized = true
	variables, err := vlm.Initialize(s.store, s.build, inputs...)
	if err != nil {
		return nil // pure Go lacks some operations: then XLA draws; and if the model is wrong, the step itself will say so
	}
	if s.parts == nil {
		for _, variable := range variables {
			value, err := variable.Value()
			if err == nil {
				err = value.ToDevice(s.backend, 0)
			}
			if err != nil {
				return err
			}
		}
	}
	backend.ReturnFreed()
	if s.parts == nil {
		if _, err := s.exec.Compile(inputs...); err != nil {
			return err
		}
		backend.ReturnFreed()
	}
	return nil
}
