package main

import (
	"math/rand/v2"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
)

// writer writes texts about pictures, always the same ones.
type writer struct {
	generator *vlm.Generator
	images    [][]float32
}

func newWriter(opened compute.Backend, j job) (worker, error) {
	config, m := j.model()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(0); err != nil {
		return nil, err
	}
	generator, err := vlm.NewGenerator(opened, store, m, j.Characters)
	if err != nil {
		return nil, err
	}
	w, random := &writer{generator, make([][]float32, j.Batch)}, rand.New(rand.NewPCG(0, 0))
	for i := range w.images {
		w.images[i] = make([]float32, config.Model.Vision.ImageSize*config.Model.Vision.ImageSize*3)
		for j := range w.images[i] {
			w.images[i][j] = random.Float32()
		}
	}
	return w, nil
}

// work writes all texts to their full length.
func (w *writer) work() (float64, error) {
	_, err := w.generator.Generate(w.images, vlm.Sampling{StopID: -1}, nil)
	return 0, err
}
