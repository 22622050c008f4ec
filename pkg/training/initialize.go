package training

import (
	"slices"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/backend"
)

// initialize gives the variables that have no value yet their first one. The pure-Go backend draws them: XLA
// would spend seconds on compiling random numbers that are needed once, and so a seed starts alike on every
// backend. To know its variables the step is built there too, for a batch of this shape, and never run.
func (s *Step) initialize(batch train.Batch) error {
	if s.initialized {
		return nil
	}
	opened, _, err := backend.Open(backend.PureGo)
	if err != nil {
		return err
	}
	defer opened.Finalize()
	exec, err := model.NewExec(opened, s.store, s.build)
	if err != nil {
		return err
	}
	defer exec.Finalize()
	var inputs []shapes.Shape
	for _, input := range slices.Concat(batch.Inputs, batch.Labels) {
		inputs = append(inputs, input.Shape())
	}
	if _, err := exec.Compile(inputs...); err != nil {
		return err
	}
	if err := s.store.InitializeVariables(opened, nil); err != nil {
		return err
	}
	for variable := range s.store.IterVariables() {
		value, err := variable.Value()
		if err == nil {
			err = value.ToLocal()
		}
		if err != nil {
			return err
		}
	}
	s.initialized = true
	return nil
}
