package training

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/vlm"
)

// cpuDevices is XLA on the CPU, whose plugin shows four devices.
func cpuDevices(t *testing.T) compute.Backend {
	t.Helper()
	opened, _, err := backend.Open("xla:cpu")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(opened.Finalize)
	if opened.NumDevices() < 4 {
		t.Fatalf("%d devices, want 4", opened.NumDevices())
	}
	return opened
}

// onDevices is a training of a small model of a variant, with dropout, router noise and evaluations.
func onDevices(t *testing.T, opened compute.Backend, variant, folder string, devices, steps int) Options {
	t.Helper()
	set := colours(t).Repeat(4)
	config := DefaultConfig()
	config.Model = vlm.TinyConfig()
	config.Model.Vision.NumBlocks, config.Model.Decoder.NumBlocks = 1, 1
	switch variant {
	case "seemoe":
		config.Variant, config.Kaiming, config.BalancingLoss, config.RouterZLoss = variant, true, 0.01, 0.001
		config.Model = config.Model.WithExperts(8, 2)
	case "layout":
		config.Variant, config.CosineSteps, config.WeightDecay, config.Augmentation = variant, 50, 0.05, 1
		config.Model.Vision = vlm.VisionConfig{ImageSize: 16, PatchSize: 4, EmbedDim: 16, NumBlocks: 2, NumHeads: 1, Dropout: 0.1}
	}
	config = config.For("colours", set)
	config.BatchSize, config.Seed = 16, 1
	encoded := captions.MustEncode(set, config.MustEncoding())
	return Options{
		Folder: folder, Config: config, Backend: opened, Devices: devices, Train: encoded, Steps: steps, CheckpointEvery: 5, Output: io.Discard,
		Evaluations: []Evaluation{{Name: "same", Dataset: encoded.Sequential("same", 5), Every: 4}},
	}
}

// TestSameLossesOnSeveralDevices: also where a run goes on with another number of them. With two devices each computes the
// experts on the sorted tokens of all, with four on its own.
//
// The mixture is small and its seed a quiet one: where two experts score alike, or a ReLU is at its threshold, rounding
// decides, and Adam makes small gradients large. On one device a weight matrix changed in its last bits does the same.
func TestSameLossesOnSeveralDevices(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	opened, root := cpuDevices(t), t.TempDir()
	train := func(variant, name string, devices, steps int) string {
		options := onDevices(t, opened, variant, filepath.Join(root, variant+" "+name), devices, steps)
		trained, err := Train(options)
		if err != nil {
			t.Fatalf("%s on %d devices: %v", variant, devices, err)
		}
		copyIsWhole(t, trained.Store)
		return options.Folder
	}
	for _, variant := range []string{"seemore", "seemoe", "layout"} {
		alone := train(variant, "alone", 1, 10)
		sameCurves(t, alone, train(variant, "on two", 2, 5))
		if variant == "layout" {
			continue
		}
		sameCurves(t, alone, train(variant, "on two", 1, 10)) // goes on
		half := filepath.Join(root, variant+" half")
		if err := os.CopyFS(half, os.DirFS(alone)); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(half, checkpointsFolder, "step-00000010")); err != nil {
			t.Fatal(err)
		}
		sameCurves(t, alone, train(variant, "half", 4, 10))
	}
}

// sameCurves compares the losses of a run with those of another one that has at least as many steps.
func sameCurves(t *testing.T, whole, folder string) {
	t.Helper()
	want, largest, compared := map[string]float64{}, 0.0, 0
	for _, point := range points(t, whole) {
		want[fmt.Sprint(point.MetricName, " ", point.Step)] = point.Value
	}
	for _, point := range points(t, folder) {
		key := fmt.Sprint(point.MetricName, " ", point.Step)
		value, found := want[key]
		if !found && point.MetricName != "train loss" {
			continue // measured after the last step, here another one
		}
		difference := math.Abs(point.Value - value)
		if !(difference < 1e-5) {
			t.Errorf("%s: %s is %v, want %v", filepath.Base(folder), key, point.Value, value)
		}
		largest, compared = math.Max(largest, difference), compared+1
	}
	t.Logf("%s: %d values differ by %.2g at most", filepath.Base(folder), compared, largest)
}

// copyIsWhole: what is kept for an interruption are the weights.
func copyIsWhole(t *testing.T, store *model.Store) {
	t.Helper()
	copied, err := store.Clone()
	if err != nil {
		t.Fatal(err)
	}
	want := weights(t, store)
	for path, values := range weights(t, copied) {
		if !slices.Equal(values, want[path]) {
			t.Errorf("the copy of %s differs", path)
		}
	}
}

func weights(t *testing.T, store *model.Store) map[string][]float32 {
	t.Helper()
	found := map[string][]float32{}
	for variable := range store.IterVariables() {
		if variable.Trainable {
			found[variable.Path()] = tensors.MustCopyFlatData[float32](variable.MustValue())
		}
	}
	if len(found) == 0 {
		t.Fatal("no weights")
	}
	return found
}

func TestImpossibleDevicesAreRefused(t *testing.T) {
	opened := cpuDevices(t)
	for devices, want := range map[int]string{
		-1:    "devices is -1: at least 1",
		3:     "devices is 3: batch_size 16 is not a multiple of it",
		10000: fmt.Sprintf("devices is 10000: the backend has %d", opened.NumDevices()),
	} {
		folder := filepath.Join(t.TempDir(), "run")
		_, err := Train(onDevices(t, opened, "seemore", folder, devices, 5))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%d devices: error is %v, want %s", devices, err, want)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("%d devices: there is a run folder", devices)
		}
	}
	options := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 5)
	options.Devices = 2
	if _, err := Train(options); err == nil || !strings.Contains(err.Error(), "the backend has 1") {
		t.Errorf("two devices of pure Go: error is %v", err)
	}
}
