package training

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/backend"
	"seemore/pkg/vlm"
)

// initialize gives the variables of a step that have no value yet their first one, see [vlm.Initialize], brings all to
// the device and compiles the step. What each of the two leaves goes back to the system: it would be kept for later.
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
	defer backend.ReturnFreed()
	if s.parts != nil {
		return nil // several devices get their values, and the step is compiled, when it is called
	}
	for _, variable := range variables {
		value, err := variable.Value()
		if err == nil {
			err = value.ToDevice(s.backend, 0)
		}
		if err != nil {
			return err
		}
	}
	backend.ReturnFreed()
	_, err = s.exec.Compile(inputs...)
	return err
}
