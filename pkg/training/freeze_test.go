package training

import (
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"seemore/pkg/captions"
	"seemore/pkg/efficientnet"
	"seemore/pkg/vlm"
)

// stage are options to train the named variant on colours, whose features are made up.
func stage(t *testing.T, set *captions.Set, variant, folder string) Options {
	t.Helper()
	config := DefaultConfig().For("colours", set)
	config.Variant, config.Model, config.BatchSize = variant, vlm.TinyConfig(), 4
	config.Model.Vision.Features = featuresOf[variant]
	encoded := *captions.MustEncode(set, config.MustEncoding())
	encoded.Features = nil
	for i := range encoded.Images {
		features := make([]float32, featuresOf[variant])
		for j := range features {
			features[j] = float32((i+j)%4) / 3
		}
		encoded.Features = append(encoded.Features, features)
	}
	return Options{Folder: folder, Config: config, Backend: testBackend(t), Train: &encoded, Steps: 3, Output: io.Discard}
}

// TestStages: a decoder that learned from text starts a model with features; while it is frozen nothing
// of it moves and the optimizer keeps nothing about it; resumed it stays so.
func TestStages(t *testing.T) {
	folder, set := t.TempDir(), colours(t)
	text, err := Train(stage(t, set, "text", filepath.Join(folder, "text")))
	if err != nil {
		t.Fatal(err)
	}
	options := stage(t, set, "staged", filepath.Join(folder, "projector"))
	options.Config.StartedFrom, options.Config.Frozen = text.Folder, []string{"decoder"}
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	options.Steps = 5
	projector, err := Train(options)
	if err != nil {
		t.Fatal(err)
	}
	changes := MustChanges(text, projector)
	if len(changes) != 2 || changes[0].Part != "decoder" || changes[1].Part != "projector" {
		t.Fatalf("changes are %+v", changes)
	}
	if d := changes[0]; d.Largest != 0 || d.Remembered != 0 || d.Parameters != vlm.NumParameters(text.Store) {
		t.Errorf("the frozen decoder: %+v", d)
	}
	if p := changes[1]; !math.IsNaN(p.Largest) || p.Remembered != 2*p.Parameters {
		t.Errorf("the new projector: %+v", p)
	}
	both := stage(t, set, "staged", filepath.Join(folder, "both"))
	both.Config.StartedFrom = projector.Folder
	together, err := Train(both)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range MustChanges(projector, together) {
		if !(change.Largest > 0) || change.Remembered != 2*change.Parameters {
			t.Errorf("trained together: %+v", change)
		}
	}
}

// TestStagesThatCannotBe: one line says why, and the folder can be used with settings that fit.
func TestStagesThatCannotBe(t *testing.T) {
	folder, set := t.TempDir(), colours(t)
	for want, change := range map[string]func(*Config){
		`step 0: frozen is "encoder": the model has no weights there`: func(c *Config) { c.Frozen = []string{"encoder"} },
		"has no checkpoint yet: nothing to start from":                func(c *Config) { c.StartedFrom = filepath.Join(folder, "nowhere") },
	} {
		options := stage(t, set, "staged", filepath.Join(folder, want[:8]))
		change(&options.Config)
		if _, err := Train(options); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
		options.Config.Frozen, options.Config.StartedFrom = nil, ""
		if _, err := Train(options); err != nil {
			t.Errorf("after %q: %v", want, err)
		}
	}
}

// TestMemoryLearns: the recipe's model finds every caption of its training pictures.
func TestMemoryLearns(t *testing.T) {
	set := colours(t)
	config, steps, err := Recipe("learns")
	if err != nil {
		t.Fatal(err)
	}
	if steps != config.CosineSteps {
		t.Errorf("%d steps and %d of the schedule", steps, config.CosineSteps)
	}
	config.Model.Vision.ImageSize, config.Model.Vision.EmbedDim, config.Model.Decoder.EmbedDim = 16, 32, 32
	config.BatchSize, config.CosineSteps, config.LearningRate, config.Augmentation = 4, 150, 1e-2, 0.2
	config = config.For("colours", set)
	run, err := Train(Options{Folder: t.TempDir(), Config: config, Backend: testBackend(t),
		Train: captions.MustEncode(set, config.MustEncoding()), Steps: config.CosineSteps, Output: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	written, err := run.Caption(captions.MustEncode(set, config.MustEncoding()).Images, vlm.Sampling{})
	if err != nil {
		t.Fatal(err)
	}
	scores, err := captions.Score(written, set.Captions())
	if err != nil || scores.Exact != 1 {
		t.Errorf("written %q of %q, error %v", written, set.Captions(), err)
	}
	if _, _, err := Recipe("learnt"); err == nil {
		t.Error("an unknown recipe is no error")
	}
	if config.Model.Vision.Features = efficientnet.FeatureDim; config.Validate() == nil {
		t.Error("features for a model that sees pictures are no error")
	}
}
