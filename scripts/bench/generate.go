package main

import (
	"math/rand/v2"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/training"
	"seemore/pkg/vlm"
)

// manyPictures are written about at once, beside one alone.
const manyPictures = 64

// generate compares writing a text of 64 characters about one picture with PyTorch, and about 64 pictures at
// once with one.
func generate(opened compute.Backend, python, scripts string) ([]comparison, error) {
	var results []comparison
	for _, name := range []string{"seemore", "seemoe"} {
		one, err := newWriter(opened, name, 1)
		if err != nil {
			return nil, err
		}
		peer, err := startPeer(python, scripts+"/torch_generate.py", name)
		if err != nil {
			return nil, err
		}
		result, err := compare(one, peer, steps)
		peer.stop()
		if err != nil {
			return nil, err
		}
		result.Model, result.Peer = name, "torch"
		results = append(results, result)
		many, err := newWriter(opened, name, manyPictures)
		if err != nil {
			return nil, err
		}
		if result, err = compare(many, one, steps); err != nil {
			return nil, err
		}
		result.Model, result.Peer = name+", 64 pictures", "1 picture"
		results = append(results, result)
	}
	return results, nil
}

// writer writes texts about pictures, always the same ones.
type writer struct {
	generator *vlm.Generator
	images    [][]float32
}

func newWriter(opened compute.Backend, name string, pictures int) (*writer, error) {
	config, _ := fullSize(name, 8, true)
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(0); err != nil {
		return nil, err
	}
	generator, err := vlm.NewGenerator(opened, store, training.Variants[name](config.Model), textLength)
	if err != nil {
		return nil, err
	}
	w, random := &writer{generator, make([][]float32, pictures)}, rand.New(rand.NewPCG(0, 0))
	for i := range w.images {
		w.images[i] = make([]float32, config.Model.Vision.ImageSize*config.Model.Vision.ImageSize*3)
		for j := range w.images[i] {
			w.images[i][j] = random.Float32()
		}
	}
	return w, nil
}

// run writes n times and returns the seconds of each.
func (w *writer) run(n int) (seconds []float64, err error) {
	for range n {
		start := time.Now()
		if _, err := w.generator.Generate(w.images, vlm.Sampling{StopID: -1}, nil); err != nil {
			return nil, err
		}
		seconds = append(seconds, time.Since(start).Seconds())
	}
	return seconds, nil
}
