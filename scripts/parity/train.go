package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

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

// runTrain takes the case's Adam steps and compares losses and final weights.
func (c *testCase) runTrain(opened compute.Backend) error {
	m := c.config.Ctor.variant()
	pieces := weights.Model(m.Config, c.config.Ctor.NumExperts)
	store := model.NewStore()
	if err := weights.Fill(store.RootScope(), pieces, c.weights); err != nil {
		return err
	}
	forward := func(scope *model.Scope, inputs []*Node) []*Node {
		g := inputs[0].Graph()
		for _, router := range routersOf(c.config.Ctor) {
			tokens := inputs[1].Shape().Dim(0) * (1 + inputs[1].Shape().Dim(1))
			zero := Zeros(g, shapes.Make(dtypes.Float32, tokens, c.config.Ctor.NumExperts))
			vlm.SetRouterNoise(store.Scope(model.JoinPath(model.RootScopePath, router)), zero)
		}
		return []*Node{m.Forward(scope, channelsLast(inputs[0]), inputs[1])}
	}
	loss := func(labels, predictions []*Node) *Node { return vlm.Loss(predictions[0], labels[0]) }
	trainer := train.NewTrainer(opened, store, forward, loss, training.Adam{LearningRate: c.config.Optimizer.Lr}, nil, nil)
	var losses []float32
	for step := range c.config.Steps {
		var batch [3]*tensors.Tensor
		for i, name := range []string{"in.images", "in.idx", "in.targets"} {
			all, err := c.tensor(name)
			if err != nil {
				return err
			}
			batch[i] = toGoMLX(part(all, step%all.Shape[0]))
		}
		measured, err := trainer.TrainStep(train.Batch{Inputs: batch[:2], Labels: batch[2:]})
		if err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
		losses = append(losses, tensors.ToScalar[float32](measured[0]))
	}
	if err := c.compare("out.losses", losses, []int{len(losses)}); err != nil {
		return err
	}
	return c.compareFinal(store, pieces)
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

// compareFinal compares the weights after the last step, where the case has them.
func (c *testCase) compareFinal(store *model.Store, pieces []weights.Piece) error {
	raw, found := c.config.Tolerance["final.*"]
	if !found {
		return nil
	}
	var tolerance struct {
		Max  float64 `json:"max_abs"`
		Mean float64 `json:"mean_abs"`
	}
	if err := json.Unmarshal(raw, &tolerance); err != nil {
		return fmt.Errorf("tolerance of final.*: %w", err)
	}
	trained, err := weights.Take(store.RootScope(), pieces)
	if err != nil {
		return err
	}
	sum, count := 0.0, 0
	for _, piece := range pieces {
		name := "final." + piece.Name
		want, err := c.tensor(name)
		if err != nil {
			return err
		}
		got, reference := trained[piece.Name].Floats(), want.Floats()
		if trimmed, found := c.config.Trimmed[name]; found {
			// The rows that were not stored did not change.
			kept := trimmed.StoredRows * len(got) / piece.Shape[0]
			reference = slices.Concat(reference[:kept], c.weights[piece.Name].Floats()[kept:])
		}
		c.record(name, largestError(got, reference), tolerance.Max)
		for i := range reference {
			sum += math.Abs(float64(got[i]) - float64(reference[i]))
		}
		count += len(reference)
	}
	c.record("final.* (mean)", sum/float64(count), tolerance.Mean)
	return nil
}
