package training

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seemore/pkg/captions"
	"seemore/pkg/vlm"
)

// TestEveryImpossibleNumberIsNamed: each number of a configuration with values that it cannot have; the message has the
// number's name and value.
func TestEveryImpossibleNumberIsNamed(t *testing.T) {
	const most, least = math.MaxInt, math.MinInt
	nan, inf := math.NaN(), math.Inf(1)
	for name, c := range map[string]struct {
		variant string
		set     func(c *Config) any // the number's address
		values  []any
	}{
		"image_size":         {"seemore", func(c *Config) any { return &c.Model.Vision.ImageSize }, []any{0, -1, 1, 15, 100, 4097, most, least}},
		"patch_size":         {"seemore", func(c *Config) any { return &c.Model.Vision.PatchSize }, []any{0, -1, 5, 97, most, least}},
		"embed_dim":          {"seemore", func(c *Config) any { return &c.Model.Vision.EmbedDim }, []any{0, -8, 511, 1 << 20, most, least}},
		"num_blocks":         {"seemore", func(c *Config) any { return &c.Model.Vision.NumBlocks }, []any{0, -1, 1 << 20, most, least}},
		"num_heads":          {"seemore", func(c *Config) any { return &c.Model.Vision.NumHeads }, []any{0, -1, 7, 1024, most, least}},
		"dropout":            {"seemore", func(c *Config) any { return &c.Model.Vision.Dropout }, []any{-0.1, 1.0, 2.0, nan, inf, -inf}},
		"features":           {"seemore", func(c *Config) any { return &c.Model.Vision.Features }, []any{-1, 1, 1280, most, least}},
		"concepts":           {"seemore", func(c *Config) any { return &c.Model.Vision.Concepts }, []any{-1, 1, most, least}},
		"vocab_size":         {"seemore", func(c *Config) any { return &c.Model.Decoder.VocabSize }, []any{-1, 0, 1, 65, 67, most, least}},
		"context_length":     {"seemore", func(c *Config) any { return &c.Model.Decoder.ContextLength }, []any{-1, 0, 1, 10, most, least}},
		"decoder.embed_dim":  {"seemore", func(c *Config) any { return &c.Model.Decoder.EmbedDim }, []any{-1, 0, 127, most, least}},
		"decoder.num_blocks": {"seemore", func(c *Config) any { return &c.Model.Decoder.NumBlocks }, []any{-1, 0, most, least}},
		"decoder.num_heads":  {"seemore", func(c *Config) any { return &c.Model.Decoder.NumHeads }, []any{-1, 0, 3, most, least}},
		"decoder.dropout":    {"seemore", func(c *Config) any { return &c.Model.Decoder.Dropout }, []any{-1e-9, 1.0, nan, inf}},
		"num_experts":        {"seemoe", func(c *Config) any { return &c.Model.Decoder.NumExperts }, []any{-1, 0, 1, 5000, most, least}},
		"top_k":              {"seemoe", func(c *Config) any { return &c.Model.Decoder.TopK }, []any{-1, 0, 9, most, least}},
		"batch_size":         {"seemore", func(c *Config) any { return &c.BatchSize }, []any{-1, 0, 1 << 17, most, least}},
		"learning_rate":      {"seemore", func(c *Config) any { return &c.LearningRate }, []any{-1.0, 0.0, 1e-60, 1e39, nan, inf, -inf}},
		"balancing_loss":     {"seemoe", func(c *Config) any { return &c.BalancingLoss }, []any{-1.0, 1e39, nan, inf}},
		"router_z_loss":      {"seemoe", func(c *Config) any { return &c.RouterZLoss }, []any{-1.0, 1e39, nan, inf}},
		"augmentation":       {"seemore", func(c *Config) any { return &c.Augmentation }, []any{-1.0, 11.0, nan, inf}},
		"weight_decay":       {"seemore", func(c *Config) any { return &c.WeightDecay }, []any{-1.0, 1e39, nan, inf}},
		"cosine_steps":       {"seemore", func(c *Config) any { return &c.CosineSteps }, []any{-1, most, least}},
		"text_length":        {"seemore", func(c *Config) any { return &c.Data.TextLength }, []any{-1, 1000, most, least}},
		"names":              {"seemore", func(c *Config) any { return &c.Data.Names }, []any{-1, least}},
		"alpha":              {"seemore", func(c *Config) any { return &c.Data.Alpha }, []any{captions.AlphaRule("pink")}},
		"characters":         {"seemore", func(c *Config) any { return &c.Data.Characters }, []any{"", "aa"}},
		"variant":            {"seemore", func(c *Config) any { return &c.Variant }, []any{"", "seefour"}},
		"frozen":             {"seemore", func(c *Config) any { return &c.Frozen }, []any{[]string{""}, []string{"decoder", "decoder"}}},
		// Of the layout encoder, whose convolutions halve a picture.
		"vision.patch_size": {"layout", func(c *Config) any { return &c.Model.Vision.PatchSize }, []any{4, 16, 48}},
		"vision.num_blocks": {"layout", func(c *Config) any { return &c.Model.Vision.NumBlocks }, []any{1, 4, 1000}},
		"vision.embed_dim":  {"layout", func(c *Config) any { return &c.Model.Vision.EmbedDim }, []any{1, 7}},
	} {
		for _, value := range c.values {
			config := DefaultConfig()
			switch c.variant {
			case "seemoe":
				config = DefaultMoEConfig()
			case "layout":
				config, _, _ = Recipe("learns")
				config.Model.Vision.Concepts = 3
			}
			config.Data.TextLength = 20
			if err := config.Validate(); err != nil {
				t.Fatalf("%s: before the change: %v", name, err)
			}
			switch number := c.set(&config).(type) {
			case *int:
				*number = value.(int)
			case *float64:
				*number = value.(float64)
			case *string:
				*number = value.(string)
			case *[]string:
				*number = value.([]string)
			case *captions.AlphaRule:
				*number = value.(captions.AlphaRule)
			}
			part, field, found := strings.Cut(name, ".")
			if !found {
				part, field = "", name
			}
			err := config.Validate()
			shown := fmt.Sprint(value)
			if name == "characters" {
				shown = ""
			}
			if err == nil || !strings.Contains(err.Error(), part) || !strings.Contains(err.Error(), field) || !strings.Contains(strings.ReplaceAll(err.Error(), `"`, ""), shown) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s %v: error is %v", name, value, err)
			}
		}
	}
}

// TestBatchesFitTheConfiguration: what is only seen when the data is there, before anything is compiled.
func TestBatchesFitTheConfiguration(t *testing.T) {
	set := colours(t)
	for want, change := range map[string]func(*Options){
		"vision.image_size is 16: the pictures have 32x32 pixels":            func(o *Options) { o.Config.Model.Vision.ImageSize = 16 },
		"decoder.context_length 5 leaves room for 4 characters: the caption": func(o *Options) { o.Config.Model.Decoder.ContextLength, o.Config.Data.TextLength = 5, 4 },
		"vision.concepts is 3: the data has 4 different captions": func(o *Options) {
			o.Config.Variant, o.Config.Model.Vision.Concepts = "layout", 3
			o.Config.Model.Vision.NumBlocks = 3
		},
	} {
		options := tinyOptions(t, set, filepath.Join(t.TempDir(), "run"), 1)
		change(&options)
		if _, err := Train(options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
		if _, err := os.Stat(options.Folder); err == nil {
			t.Errorf("%s: a run folder is left", want)
		}
	}
}

// TestEveryPossibleConfigurationTrains draws configurations from a coarse grid over all options; each is built, takes two steps,
// is saved, opened and writes. SEEMORE_TORTURE=1 draws 200 of them.
func TestEveryPossibleConfigurationTrains(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	n := 25
	if os.Getenv("SEEMORE_TORTURE") != "" {
		n = 200
	}
	set := painted(t, map[string]color.Color{"red": color.NRGBA{220, 30, 30, 255}, "green": color.NRGBA{30, 200, 60, 128}, "b": color.Black})
	for i := range n {
		config := randomConfig(rand.New(rand.NewPCG(2026, uint64(i))), i, set)
		t.Run(fmt.Sprintf("%d %s", i, config.Variant), func(t *testing.T) {
			trainsAndWrites(t, config, set)
			if t.Failed() {
				t.Logf("%+v", config)
			}
		})
	}
}

// randomConfig draws every option; the variants take turns.
func randomConfig(random *rand.Rand, i int, set *captions.Set) Config {
	one := func(values ...int) int { return values[random.IntN(len(values))] }
	number := func(values ...float64) float64 { return values[random.IntN(len(values))] }
	maybe := func() bool { return random.IntN(2) == 0 }
	config := DefaultConfig().For("colours", set)
	config.Variant = variantNames()[i%len(Variants)]
	vision, decoder := &config.Model.Vision, &config.Model.Decoder
	vision.NumHeads, vision.NumBlocks, vision.Dropout = one(1, 2, 3), one(1, 2), number(0, 0.1, 0.9)
	vision.EmbedDim = vision.NumHeads * one(1, 2, 8)
	vision.PatchSize = one(1, 3, 8)
	if config.Variant == "layout" {
		vision.NumBlocks = one(1, 2, 3)
		vision.PatchSize = 1 << vision.NumBlocks
		vision.EmbedDim = vision.NumHeads * vision.PatchSize * one(1, 2)
	}
	vision.ImageSize = vision.PatchSize * one(1, 2, 3)
	vision.Features = featuresOf[config.Variant]
	if config.hasMemory() {
		vision.Concepts = len(set.DistinctCaptions()) + one(0, 2)
	}
	decoder.NumHeads, decoder.NumBlocks, decoder.Dropout = one(1, 2, 3), one(1, 2), number(0, 0.1, 0.9)
	decoder.EmbedDim = decoder.NumHeads * one(1, 2, 8)
	config.Data.TextLength += one(0, 3)
	decoder.ContextLength = config.Data.TextLength + one(1, 20)
	if config.Variant == "seemoe" {
		config.Model = config.Model.WithExperts(one(1, 2, 5), 1)
		decoder.TopK = one(1, decoder.NumExperts)
		config.BalancingLoss, config.RouterZLoss = number(0, 0.01), number(0, 0.001)
	}
	if maybe() {
		vocabulary := captions.MustVocabularyOf(set.Captions())
		config.Data.Characters = vocabulary.Characters()
		decoder.VocabSize = vocabulary.Size()
	}
	if vision.Features == 0 {
		config.Augmentation = number(0, 1, maxAugmentation)
	}
	if maybe() {
		config.Data.Alpha = captions.AlphaDrop
	}
	if maybe() {
		config.Frozen = []string{"decoder"}
	}
	if config.Variant == "text" {
		config.Frozen = nil // it has nothing but a decoder
	}
	config.BatchSize, config.LearningRate, config.Seed = one(1, 2, 3), number(1e-5, 1e-3, 0.1), random.Int64()
	config.WeightDecay, config.CosineSteps = number(0, 0.05), one(0, 1, 7)
	config.Kaiming, config.PredictFirst = maybe(), maybe()
	return config
}

func trainsAndWrites(t *testing.T, config Config, set *captions.Set) {
	t.Helper()
	if err := config.Validate(); err != nil {
		t.Fatal(err)
	}
	encoded := captions.MustEncode(set, config.MustEncoding())
	inputs := encoded.Images
	if features := config.Model.Vision.Features; features > 0 { // any numbers from 0 on
		encoded.Features = make([][]float32, set.Len())
		for i := range encoded.Features {
			encoded.Features[i] = make([]float32, features)
			for j := range encoded.Features[i] {
				encoded.Features[i][j] = float32((i+j)%7) / 7
			}
		}
		inputs = encoded.Features
	}
	options := Options{Folder: filepath.Join(t.TempDir(), "run"), Config: config, Backend: testBackend(t), Train: encoded, Steps: 2, Output: io.Discard,
		Evaluations: []Evaluation{{Name: "all", Dataset: encoded.Sequential("all", config.BatchSize)}}}
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	if curve := points(t, options.Folder); len(curve) < 3 {
		t.Errorf("%d points, want those of two steps and an evaluation", len(curve))
	}
	run, err := Open(options.Folder, nil, options.Backend)
	if err != nil {
		t.Fatal(err)
	}
	generator, err := vlm.NewGenerator(options.Backend, run.Store, run.Model, config.Data.TextLength)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := generator.Generate(inputs, vlm.Sampling{Temperature: 1, StopID: int32(config.Model.Decoder.VocabSize - 1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, ids := range texts {
		if len(ids) > config.Data.TextLength {
			t.Errorf("a text of %d characters, at most %d", len(ids), config.Data.TextLength)
		}
		for _, id := range ids {
			if id < 0 || int(id) >= config.Model.Decoder.VocabSize {
				t.Errorf("id %d of %d", id, config.Model.Decoder.VocabSize)
			}
		}
	}
}
