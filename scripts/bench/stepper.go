package main

import (
	"math/rand/v2"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/training"
	"seemore/pkg/vlm"
)

// stepper takes training steps, always on the same pictures and texts, as the peers do.
type stepper struct {
	step   *training.Step
	images []float32
	ids    []int32
	job    job
	size   int
}

func newStepper(opened compute.Backend, j job) (worker, error) {
	config, m := j.model()
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
	s := &stepper{step, make([]float32, j.Batch*size*size*3), make([]int32, j.Batch*j.Characters), j, size}
	random := rand.New(rand.NewPCG(0, 0))
	for i := range s.images {
		s.images[i] = random.Float32()
	}
	for i := range s.ids {
		s.ids[i] = random.Int32N(int32(config.Model.Decoder.VocabSize))
	}
	return s, nil
}

// model is the model that the job is about, and its configuration.
func (j job) model() (training.Config, vlm.Model) {
	config := training.DefaultConfig()
	if j.Model == "seemoe" {
		config = training.DefaultMoEConfig()
		config.Model = config.Model.WithExperts(j.Experts, 2)
	}
	config.Model.Decoder.NumBlocks = j.Blocks
	if j.Plain {
		router := vlm.NoisyTopKRouter(j.Experts, 2)
		return config, vlm.SeeMoE(config.Model, vlm.SparseMoE(router, config.Model.Decoder.Dropout))
	}
	return config, training.Variants[config.Variant](config.Model)
}

// work brings a batch from the host's memory, updates the weights, and reads the loss back.
func (s *stepper) work() (float64, error) {
	measured, err := s.step.Run(train.Batch{
		Inputs: []*tensors.Tensor{
			tensors.FromFlatDataAndDimensions(s.images, s.job.Batch, s.size, s.size, 3),
			tensors.FromFlatDataAndDimensions(s.ids, s.job.Batch, s.job.Characters),
		},
		Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(s.ids, s.job.Batch, s.job.Characters)},
	})
	return measured.Loss, err
}
