package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/captions"
	"seemore/pkg/training"
	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// fromPyTorch makes a new run folder of a file's weights.
func fromPyTorch(s settings) error {
	file, err := weights.Read(s.file)
	if err != nil {
		return err
	}
	config, step, err := s.config(file)
	if err != nil {
		return fmt.Errorf("%s: %w", s.file, err)
	}
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(config.Seed); err != nil {
		return err
	}
	if err := weights.Fill(store.RootScope(), weights.Model(config.Model, config.Model.Decoder.NumExperts), file.Tensors); err != nil {
		return fmt.Errorf("%s: %w", s.file, err)
	}
	if err := training.Create(s.folder, config, store, step); err != nil {
		return err
	}
	fmt.Printf("%s: step %d, %d parameters\n", s.folder, step, vlm.NumParameters(store))
	return nil
}

// config is the configuration in the file's metadata, or the originals' with the sizes that the
// shapes tell. Two sources that disagree are an error with both values.
func (s settings) config(file weights.File) (training.Config, int, error) {
	sizes, err := weights.Infer(file.Tensors)
	if err != nil {
		return training.Config{}, 0, err
	}
	encoded, found := file.Metadata[configKey]
	if !found {
		return s.originals(sizes)
	}
	var config training.Config
	if err := json.Unmarshal([]byte(encoded), &config); err != nil {
		return config, 0, fmt.Errorf("metadata %s: %w", configKey, err)
	}
	step, err := strconv.Atoi(file.Metadata[stepKey])
	if err != nil || step < 1 {
		return config, 0, fmt.Errorf("metadata %s is %q: a number from 1 expected", stepKey, file.Metadata[stepKey])
	}
	for _, choice := range []struct {
		flag          string
		given, inFile int
	}{{"--top-k", s.topK, config.Model.Decoder.TopK}, {"--text-length", s.textLength, config.Data.TextLength}, {"--step", s.step, step}} {
		if choice.given != 0 && choice.given != choice.inFile {
			return config, 0, fmt.Errorf("%s is %d: the file says %d", choice.flag, choice.given, choice.inFile)
		}
	}
	// What shapes do not tell is taken as it is.
	sizes.Decoder.TopK = config.Model.Decoder.TopK
	sizes.Vision.Dropout, sizes.Decoder.Dropout = config.Model.Vision.Dropout, config.Model.Decoder.Dropout
	if sizes != config.Model {
		return config, 0, fmt.Errorf("the shapes are those of %+v: metadata %s says %+v", sizes, configKey, config.Model)
	}
	return config, step, config.Validate()
}

// originals is the configuration of a file that the originals' code wrote.
func (s settings) originals(sizes vlm.Config) (training.Config, int, error) {
	config := training.DefaultConfig()
	if sizes.Decoder.NumExperts > 0 {
		config = training.DefaultMoEConfig()
	}
	config.Model, config.PredictFirst = sizes, false // they never learn how a caption begins
	config.Data.Alpha = captions.AlphaDrop
	if config.Data.TextLength = s.textLength; s.textLength == 0 {
		config.Data.TextLength = min(64, sizes.Decoder.MaxTextLength())
	}
	if s.topK != 0 && sizes.Decoder.NumExperts == 0 {
		return config, 0, fmt.Errorf("--top-k is %d: the file's model has no experts", s.topK)
	}
	if s.topK != 0 {
		config.Model.Decoder.TopK = s.topK
	}
	return config, max(1, s.step), config.Validate()
}
