package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/training"
	"seemore/pkg/weights"
)

// The names under which a file's metadata carries a run's configuration and step.
const (
	configKey = "seemore_config"
	stepKey   = "seemore_step"
)

// toPyTorch writes the weights of a run's newest checkpoint.
func toPyTorch(s settings) error {
	opened, err := training.Open(s.folder, nil, nil) // nothing is computed
	if err != nil {
		return err
	}
	pieces := weights.Model(opened.Config.Model, opened.Config.Model.Decoder.NumExperts)
	if err := onlyOriginal(opened.Store, pieces); err != nil {
		return fmt.Errorf("%s: %w", s.folder, err)
	}
	parameters, err := weights.Take(opened.Store.RootScope(), pieces)
	if err != nil {
		return fmt.Errorf("%s: %w", s.folder, err)
	}
	config, err := json.Marshal(opened.Config)
	if err != nil {
		return err
	}
	metadata := map[string]string{"format": "pt", configKey: string(config), stepKey: strconv.Itoa(opened.Step)}
	if err := weights.Write(s.file, weights.File{Tensors: parameters, Metadata: metadata}); err != nil {
		return err
	}
	fmt.Printf("%s: %d tensors of step %d\n", s.file, len(parameters), opened.Step)
	return nil
}

// onlyOriginal reports a run of a model that has more than the originals.
func onlyOriginal(store *model.Store, pieces []weights.Piece) error {
	known := map[string]bool{}
	for _, piece := range pieces {
		known[model.RootScopePath+piece.Path] = true
	}
	for variable := range store.IterVariables() {
		part, _, _ := strings.Cut(strings.TrimPrefix(variable.Path(), "/"), "/")
		switch part {
		case "vision_transformer", "projector", "decoder":
			if !known[variable.Path()] {
				return fmt.Errorf("variable %s %v has no place in the originals", variable.Path(), variable.Shape())
			}
		}
	}
	return nil
}
