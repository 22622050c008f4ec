package parity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/training"
	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// trainConfig is the part of config.json that only training has.
type trainConfig struct {
	Steps     int
	Optimizer struct {
		Name        string
		Lr          float64
		Betas       []float64
		Eps         float64
		WeightDecay float64 `json:"weight_decay"`
	}
	ExpertsUsed [][][]float64 `json:"experts_used_each_step"` // [steps][layers][experts], 1 or 0
}

// check refuses another optimizer than the one that is compared.
func (config trainConfig) check(losses weights.Tensor) error {
	o := config.Optimizer
	if o.Name != "torch.optim.Adam" || !slices.Equal(o.Betas, []float64{0.9, 0.999}) || o.Eps != 1e-8 || o.WeightDecay != 0 || !(o.Lr > 0) {
		return fmt.Errorf("config.json: optimizer %+v: torch.optim.Adam with betas 0.9 and 0.999, eps 1e-8, no weight decay expected", o)
	}
	if !slices.Equal(losses.Shape, []int{config.Steps}) || config.Steps < 1 {
		return fmt.Errorf("io.safetensors: out.losses has shape %v: config.json says %d steps", losses.Shape, config.Steps)
	}
	return nil
}

// trainRun is a model that is trained like the original, with the step of pkg/training.
type trainRun struct {
	c      *testCase
	config trainConfig
	step   *training.Step
	losses []float32
}

// runTrain takes the case's Adam steps and compares losses, experts used and final weights.
func (c *testCase) runTrain(opened compute.Backend) error {
	r := &trainRun{c: c}
	if err := c.decode(&r.config); err != nil {
		return err
	}
	losses, err := c.tensor("out.losses")
	if err != nil {
		return err
	}
	if err := r.config.check(losses); err != nil {
		return err
	}
	class, err := newClass(c.config)
	if err != nil {
		return err
	}
	if !slices.Contains(wholeModels, c.config.Class) {
		return fmt.Errorf("config.json: class %q is trained: one of %s expected", c.config.Class, strings.Join(wholeModels, ", "))
	}
	store := model.NewStore()
	if err := weights.Fill(store.RootScope(), class.pieces, c.weights); err != nil {
		return err
	}
	config := training.Config{LearningRate: r.config.Optimizer.Lr}
	if r.step, err = training.NewStep(opened, store, c.withoutNoise(class.routers), config); err != nil {
		return err
	}
	if err := r.steps(); err != nil {
		return err
	}
	if err := c.compare("out.losses", r.losses, []int{len(r.losses)}); err != nil {
		return err
	}
	return c.compareFinal(store, class.pieces)
}

// withoutNoise is the case's model on PyTorch's pictures, and its routers have no noise; dropout is 0 by
// its configuration.
func (c *testCase) withoutNoise(routers []string) vlm.Model {
	m := c.config.Ctor.variant()
	return vlm.Model{
		Config: m.Config,
		Encode: func(scope *model.Scope, images *Node) *Node { return m.Encode(scope, channelsLast(images)) },
		Decode: func(scope *model.Scope, ids, image *Node) *Node {
			tokens := ids.Shape().Dim(0) * (1 + ids.Shape().Dim(1))
			for _, router := range routers {
				zero := Zeros(ids.Graph(), shapes.Make(dtypes.Float32, tokens, m.Config.Decoder.NumExperts))
				vlm.SetRouterNoise(scope.Store().Scope(model.JoinPath(model.RootScopePath, router)), zero)
			}
			return m.Decode(scope, ids, image)
		},
	}
}

// steps trains, and checks at each step which experts were used.
func (r *trainRun) steps() error {
	wrong := 0.0
	for step := range r.config.Steps {
		batch, err := r.batch(step)
		if err != nil {
			return err
		}
		measured, err := r.step.Run(batch)
		if err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
		r.losses = append(r.losses, float32(measured.Loss))
		if r.config.ExpertsUsed == nil {
			continue
		}
		if step >= len(r.config.ExpertsUsed) || len(r.config.ExpertsUsed[step]) != len(measured.Loads) {
			return fmt.Errorf("config.json: experts_used_each_step lacks step %d or a layer", step)
		}
		for layer, used := range r.config.ExpertsUsed[step] {
			load := measured.Loads[layer]
			if len(load) != len(used) {
				return fmt.Errorf("config.json: experts_used_each_step has %d experts: the model has %d", len(used), len(load))
			}
			for expert, tokens := range load {
				wrong += disagreements((tokens > 0) == (used[expert] > 0))
			}
		}
	}
	if r.config.ExpertsUsed != nil {
		r.c.record("experts_used_each_step", wrong, 0)
	}
	return nil
}

// batch is that of a step; the case's batches take turns.
func (r *trainRun) batch(step int) (train.Batch, error) {
	var parts [3]*tensors.Tensor
	for i, name := range []string{"in.images", "in.idx", "in.targets"} {
		all, err := r.c.tensor(name)
		if err != nil {
			return train.Batch{}, err
		}
		if len(all.Shape) == 0 || all.Shape[0] == 0 {
			return train.Batch{}, fmt.Errorf("io.safetensors: %s has shape %v: batches expected", name, all.Shape)
		}
		parts[i] = toGoMLX(part(all, step%all.Shape[0]))
	}
	return train.Batch{Inputs: parts[:2], Labels: parts[2:]}, nil
}

// part is entry i of a tensor's leading axis.
func part(all weights.Tensor, i int) weights.Tensor {
	shape := all.Shape[1:]
	n := size(shape)
	if ids, ok := all.Data.([]int64); ok {
		return weights.Tensor{Shape: shape, Data: ids[i*n : (i+1)*n]}
	}
	return weights.Tensor{Shape: shape, Data: all.Floats()[i*n : (i+1)*n]}
}
