package training

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ui/plot"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/vlm"
)

func testBackend(t *testing.T) compute.Backend {
	t.Helper()
	opened, _, err := backend.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.Finalize)
	return opened
}

// colours is a set of four pictures of one colour each.
func colours(t *testing.T) *captions.Set {
	t.Helper()
	return painted(t, map[string]color.Color{
		"red": color.NRGBA{220, 30, 30, 255}, "green": color.NRGBA{30, 200, 60, 255}, "blue": color.NRGBA{30, 60, 220, 255}, "white": color.White,
	})
}

// painted is a set of pictures of one colour each, with the colour's name.
func painted(t *testing.T, palette map[string]color.Color) *captions.Set {
	t.Helper()
	folder := t.TempDir()
	for name, c := range palette {
		picture := image.NewNRGBA(image.Rect(0, 0, 8, 8))
		for i := range 64 {
			picture.Set(i%8, i/8, c)
		}
		file, err := os.Create(filepath.Join(folder, name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(file, picture); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".txt"), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set, err := captions.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func tinyOptions(t *testing.T, set *captions.Set, folder string, steps int) Options {
	t.Helper()
	config := DefaultConfig().For("colours", set)
	config.Model, config.BatchSize = vlm.TinyConfig(), 4
	return Options{
		Folder: folder, Config: config, Backend: testBackend(t), Train: captions.MustEncode(set, config.MustEncoding()),
		Steps: steps, Output: io.Discard,
	}
}

func points(t *testing.T, folder string) []plot.Point {
	t.Helper()
	list, err := plot.LoadPointsFromCheckpoint(folder) // GoMLX's own reader
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestLearnsToNameColours trains until the captions are right: pictures, text, loss, optimizer and
// generation all have to work for that.
func TestLearnsToNameColours(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	set := colours(t)
	options := tinyOptions(t, set, filepath.Join(t.TempDir(), "run"), 250)
	trained, err := Train(options)
	if err != nil {
		t.Fatal(err)
	}
	written := trained.MustCaption(options.Train.Images, vlm.Sampling{})
	for i, want := range set.Captions() {
		if written[i] != want {
			t.Errorf("picture %d: wrote %q, want %q", i, written[i], want)
		}
	}
	again := MustOpen(options.Folder, nil, options.Backend)
	if got := again.MustCaption(options.Train.Images, vlm.Sampling{}); strings.Join(got, ",") != strings.Join(written, ",") {
		t.Errorf("after loading: %q, before: %q", got, written)
	}
}

// TestResumedRunIsTheSame: stopping and going on changes nothing, to the last bit.
func TestResumedRunIsTheSame(t *testing.T) {
	set, root := colours(t), t.TempDir()
	whole, parts := filepath.Join(root, "whole"), filepath.Join(root, "parts")
	if _, err := Train(tinyOptions(t, set, whole, 9)); err != nil {
		t.Fatal(err)
	}
	var parameters []int
	for _, steps := range []int{4, 9} {
		trained, err := Train(tinyOptions(t, set, parts, steps))
		if err != nil {
			t.Fatal(err)
		}
		parameters = append(parameters, vlm.NumParameters(trained.Store))
	}
	if parameters[0] != parameters[1] {
		t.Errorf("the resumed run has %d parameters, at first it had %d", parameters[1], parameters[0])
	}
	one, other := points(t, whole), points(t, parts)
	if len(one) != 9 || len(other) != 9 {
		t.Fatalf("%d and %d points, want 9", len(one), len(other))
	}
	for i := range one {
		if one[i] != other[i] {
			t.Errorf("step %d: %v and %v", i, one[i], other[i])
		}
	}
}

func TestOtherConfigurationIsRefused(t *testing.T) {
	set, folder := colours(t), filepath.Join(t.TempDir(), "run")
	if _, err := Train(tinyOptions(t, set, folder, 2)); err != nil {
		t.Fatal(err)
	}
	options := tinyOptions(t, set, folder, 4)
	options.Config.LearningRate = 0.5
	options.Config.Model.Vision.NumBlocks = 1
	_, err := Train(options)
	for _, want := range []string{"learning_rate is 0.001 in the run and 0.5 now", "model.vision.num_blocks is 2 in the run and 1 now"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

// TestConfigOfAnotherProgramStays: a folder with a config.json that is not a run's is refused, and the file is as it was.
func TestConfigOfAnotherProgramStays(t *testing.T) {
	for _, content := range []string{`{"model_type": "siglip"}`, "hello", ""} {
		folder := t.TempDir()
		path := filepath.Join(folder, configFile)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Train(tinyOptions(t, colours(t), folder, 1)); err == nil {
			t.Errorf("%q was taken for a run's configuration", content)
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != content {
			t.Errorf("%q became %q, %v", content, now, err)
		}
	}
}

// TestDamagedCheckpointIsPassedOver: the newest complete checkpoint is used, the damaged one named.
func TestDamagedCheckpointIsPassedOver(t *testing.T) {
	set, folder := colours(t), filepath.Join(t.TempDir(), "run")
	options := tinyOptions(t, set, folder, 4)
	options.CheckpointEvery = 2
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	newest := listCheckpoints(folder)[0]
	files, err := filepath.Glob(filepath.Join(newest, "*.bin*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no data file in %s", newest)
	}
	if err := os.Truncate(files[0], 1000); err != nil {
		t.Fatal(err)
	}
	var warnings []string
	step, err := loadCheckpoint(model.NewStore(), folder, func(w string) { warnings = append(warnings, w) })
	if err != nil || step != 2 {
		t.Errorf("step %d, error %v, want step 2", step, err)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "step-00000004 is damaged") {
		t.Errorf("warnings are %q", warnings)
	}
}

func TestImpossibleConfigurations(t *testing.T) {
	for want, change := range map[string]func(*Config){
		`variant "seefour" is unknown`:        func(c *Config) { c.Variant = "seefour" },
		"batch_size is 0: at least 1":         func(c *Config) { c.BatchSize = 0 },
		"learning_rate is -1: more than 0":    func(c *Config) { c.LearningRate = -1 },
		"vocab_size is 70: the vocabulary":    func(c *Config) { c.Model.Decoder.VocabSize = 70 },
		"text_length is 2000: decoder.cont":   func(c *Config) { c.Data.TextLength = 2000 },
		"num_experts is 8: seemoe has at":     func(c *Config) { c.Model = c.Model.WithExperts(8, 2) },
		"num_experts is 0: seemoe has at":     func(c *Config) { c.Variant = "seemoe" },
		"top_k is 0 of num_experts 8":         func(c *Config) { c.Variant, c.Model = "seemoe", c.Model.WithExperts(8, 0) },
		"top_k is 9 of num_experts 8":         func(c *Config) { c.Variant, c.Model = "seemoe", c.Model.WithExperts(8, 9) },
		"router_z_loss is 1: a model without": func(c *Config) { c.RouterZLoss = 1 },
		"features is 5: seemore takes 0":      func(c *Config) { c.Model.Vision.Features = 5 },
		"features is 0: frozen takes 1280":    func(c *Config) { c.Variant = "frozen" },
		"weight_decay is -1: a number":        func(c *Config) { c.WeightDecay = -1 },
		"balancing_loss is -1: a number":      func(c *Config) { c.BalancingLoss = -1 },
	} {
		config := DefaultConfig()
		change(&config)
		if err := config.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

// TestEvaluationWeighsCharactersEqually: rows that fill up the last batch do not count.
func TestEvaluationWeighsCharactersEqually(t *testing.T) {
	set := colours(t)
	options := tinyOptions(t, set, filepath.Join(t.TempDir(), "run"), 1)
	trained, err := Train(options)
	if err != nil {
		t.Fatal(err)
	}
	measure, err := newEvaluator(options.Backend, trained.Store, trained.Model, true)
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	for _, size := range []int{1, 3, 4} {
		loss, err := measure.loss(t.Context(), options.Train.Sequential("all", size))
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, loss)
	}
	for _, loss := range losses[1:] {
		if difference := loss - losses[0]; difference > 1e-5 || difference < -1e-5 {
			t.Errorf("losses with batches of 1, 3 and 4 differ: %v", losses)
		}
	}
}

// TestAdamLeavesUnreachedRowsAlone: weights, moments and step count of such rows stand still.
func TestAdamLeavesUnreachedRowsAlone(t *testing.T) {
	store := model.NewStore()
	if _, err := store.CreateVariable("/experts/weights", tensors.FromValue([][]float32{{1, 1}, {1, 1}})); err != nil {
		t.Fatal(err)
	}
	step, err := model.NewExec(testBackend(t), store, func(scope *model.Scope, gates *Node) *Node {
		experts := scope.In("experts")
		weights := experts.GetVariable("weights").NodeValue(gates)
		vlm.SetReached(experts, gates)
		loss := ReduceAllSum(Square(weights))
		Adam{LearningRate: 0.1}.UpdateGraph(scope, gates.Graph(), loss)
		return loss
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, gates := range [][][]float32{{{1, 0}}, {{1, 0}}, {{1, 1}}} {
		step.MustCall1(gates)
	}
	got := store.GetVariable("/experts/weights").MustValue().Value().([][]float32)
	// The second row has taken one step, its first: Adam's first step is the learning rate itself.
	if difference := got[1][0] - 0.9; difference > 1e-5 || difference < -1e-5 || got[0][0] > 0.75 {
		t.Errorf("weights are %v", got)
	}
	if steps := store.GetVariable("/adam/experts/steps").MustValue().Value().([]float32); steps[0] != 3 || steps[1] != 1 {
		t.Errorf("step counts are %v", steps)
	}
}

func TestRunFoldersAreNumbered(t *testing.T) {
	t.Setenv(envRuns, t.TempDir())
	if _, err := LatestFolder("a"); err == nil {
		t.Error("a run before any was made")
	}
	for _, want := range []string{"a", "a-2", "a-3"} {
		folder := NewFolder("a")
		if filepath.Base(folder) != want {
			t.Errorf("%s, want %s", folder, want)
		}
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if latest, err := LatestFolder("a"); err != nil || filepath.Base(latest) != "a-3" {
		t.Errorf("latest is %s, %v", latest, err)
	}
}

// TestLatestOfEachSeed: of an experiment that was changed and run again only the new runs count.
func TestLatestOfEachSeed(t *testing.T) {
	t.Setenv(envRuns, t.TempDir())
	if _, err := LatestOfEachSeed("a"); err == nil {
		t.Error("repetitions before any run")
	}
	for _, seed := range []int64{0, 1, 0} {
		config := DefaultConfig()
		config.Seed = seed
		folder := NewFolder("a")
		if err := errors.Join(os.Mkdir(folder, 0o755), openFolder(folder, config)); err != nil {
			t.Fatal(err)
		}
	}
	folders, err := LatestOfEachSeed("a")
	if err != nil || len(folders) != 2 || filepath.Base(folders[0]) != "a-3" || filepath.Base(folders[1]) != "a-2" {
		t.Errorf("repetitions are %v, %v", folders, err)
	}
}
