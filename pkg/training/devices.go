package training

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
)

// ValidateDevices reports why batches cannot be divided among so many devices of a backend, before anything is
// compiled. Each gets the same number of pictures.
func ValidateDevices(devices int, backend compute.Backend, batchSize int) error {
	if devices < 1 {
		return fmt.Errorf("devices is %d: at least 1", devices)
	}
	if got := int(backend.NumDevices()); devices > got {
		return fmt.Errorf("devices is %d: the backend has %d", devices, got)
	}
	if batchSize%devices != 0 {
		return fmt.Errorf("devices is %d: batch_size %d is not a multiple of it", devices, batchSize)
	}
	return nil
}

// division is how several devices share a step: each has all weights and its part of the batch. XLA works out
// what they have to tell each other so that the result is that of the whole batch.
type division struct {
	devices int
	batch   *distributed.ShardingSpec
}

// OnDevices divides the batches of the step among the first devices of the backend. It is called before the first
// Run; all steps of a store have the same number.
func (s *Step) OnDevices(devices int) error {
	if devices == 1 {
		return nil
	}
	const axis = "batch"
	mesh, err := distributed.NewDeviceMesh([]int{devices}, []string{axis})
	if err != nil {
		return err
	}
	s.parts = &division{devices: devices}
	if s.parts.batch, err = distributed.BuildSpec(mesh).S(axis).Done(); err != nil {
		return err
	}
	everywhere := distributed.NewReplicatedShardingSpec(mesh)
	// New variables ask their store. GoMLX 0.28.8 makes the random state without one.
	for variable := range s.exec.Store().IterVariables() {
		if err := variable.SetShardingSpec(everywhere); err != nil {
			return err
		}
	}
	s.exec.AutoSharding(mesh).WithInputShardingSpecs(s.parts.batch).WithOutputShardingSpecs(everywhere)
	return nil
}

// call gives each device its part of the inputs and returns the results of the first one, which are those of
// all.
//
// Shapes:
//   - batch: [batch, ...] each
func (d *division) call(exec *model.Exec, batch []*tensors.Tensor) ([]*tensors.Tensor, error) {
	var inputs []any
	for _, input := range batch {
		parts, err := dtensor.ShardTensor(d.batch, input)
		if err != nil {
			return nil, err
		}
		defer func() { _ = parts.Finalize() }() // nothing can be done about a buffer that is not freed
		inputs = append(inputs, parts)
	}
	values, err := exec.Call(inputs...)
	if err != nil {
		return nil, err
	}
	return values[:len(values)/d.devices], nil
}
