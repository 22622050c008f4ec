package main

import (
	"math/rand/v2"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/training"
	"seemore/pkg/vlm"
)

const (
	batchSize  = 16
	textLength = 64
)

// stepper takes our training steps, always on the same pictures and texts, as the peer does.
type stepper struct {
	step   *training.Step
	images []float32
	ids    []int32
	size   int
}

// newStepper makes a full-size model, seemore or seemoe; grouped tells how its experts are computed.
func newStepper(opened compute.Backend, name string, experts int, grouped bool) (*stepper, error) {
	config, m := fullSize(name, experts, grouped)
	config.PredictFirst = false // as in the originals
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(0); err != nil {
		return nil, err
	}
	step, err := training.NewStep(opened, store, m, config)
	if err != nil {
		return nil, err
	}
	size := config.Model.Vision.ImageSize
	s := &stepper{step, make([]float32, batchSize*size*size*3), make([]int32, batchSize*textLength), size}
	random := rand.New(rand.NewPCG(0, 0))
	for i := range s.images {
		s.images[i] = random.Float32()
	}
	for i := range s.ids {
		s.ids[i] = random.Int32N(int32(config.Model.Decoder.VocabSize))
	}
	return s, nil
}

// fullSize is a model of the originals' sizes, and its configuration.
func fullSize(name string, experts int, grouped bool) (training.Config, vlm.Model) {
	if name == "seemore" {
		config := training.DefaultConfig()
		return config, vlm.Seemore(config.Model)
	}
	config := training.DefaultMoEConfig()
	config.Model = config.Model.WithExperts(experts, 2)
	mixture := vlm.Mixture(config.Model.Decoder)
	if !grouped {
		mixture = vlm.SparseMoE(vlm.NoisyTopKRouter(experts, 2), config.Model.Decoder.Dropout)
	}
	return config, vlm.SeeMoE(config.Model, mixture)
}

// run takes n steps and returns the seconds of each, the loss read back.
func (s *stepper) run(n int) ([]float64, error) {
	var seconds []float64
	for range n {
		start := time.Now()
		_, err := s.step.Run(train.Batch{
			Inputs: []*tensors.Tensor{
				tensors.FromFlatDataAndDimensions(s.images, batchSize, s.size, s.size, 3),
				tensors.FromFlatDataAndDimensions(s.ids, batchSize, textLength),
			},
			Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(s.ids, batchSize, textLength)},
		})
		if err != nil {
			return nil, err
		}
		seconds = append(seconds, time.Since(start).Seconds())
	}
	return seconds, nil
}
