package vlm

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
)

// TestStepwiseEqualsWhole: with a cache the scores of every character are those of running the whole text,
// and the texts are the same, in chunks, with a prompt, chosen or drawn.
func TestStepwiseEqualsWhole(t *testing.T) {
	samplings := []Sampling{{StopID: -1}, {StopID: 3, Prompt: []int32{1, 2}}, {StopID: -1, Temperature: 1, Seed: 7}}
	for name, samplings := range map[string][]Sampling{"go": samplings, "xla:cpu": samplings[:1]} { // XLA compiles for long
		t.Run(name, func(t *testing.T) {
			opened, _, err := backend.Open(name)
			if err != nil {
				t.Skip(err)
			}
			defer opened.Finalize()
			testStepwiseEqualsWhole(t, opened, samplings)
		})
	}
}

func testStepwiseEqualsWhole(t *testing.T, opened compute.Backend, samplings []Sampling) {
	config := TinyConfig()
	router := NoisyTopKRouter(4, 2)
	mixture, fetched := GroupedMoE(router, 2, 0.1), FetchedMoE(router, 4, 2)
	for name, m := range map[string]Model{
		"seemore": WithCache(Seemore(config), MLP(activation.Gelu, 0)),
		"seemoe":  WithCache(SeeMoE(config, mixture), fetched),
	} {
		for i, sampling := range samplings {
			store := model.NewStore()
			if err := store.SetRNGStateFromSeed(1); err != nil {
				t.Fatal(err)
			}
			images := randomImages([]int{mostAtOnce + 3, 1, 2}[i], config)
			whole := m
			whole.DecodeStep = nil
			wantTexts, want := writeAll(t, opened, store, whole, images, sampling)
			gotTexts, got := writeAll(t, opened, store, m, images, sampling)
			if !reflect.DeepEqual(gotTexts, wantTexts) {
				t.Errorf("%s, %+v: the texts differ", name, sampling)
			}
			if len(got) != len(want) {
				t.Fatalf("%s: %d scores, want %d", name, len(got), len(want))
			}
			for j := range want {
				if math.Abs(float64(got[j]-want[j])) > 1e-4 {
					t.Fatalf("%s, %+v: score %d is %v, want %v", name, sampling, j, got[j], want[j])
				}
			}
		}
	}
}

// writeAll generates texts, and gathers all scores that they were chosen from.
func writeAll(t *testing.T, opened compute.Backend, store *model.Store, m Model, images [][]float32, sampling Sampling) (texts [][]int32, scores []float32) {
	t.Helper()
	generator, err := NewGenerator(opened, store, m, 7)
	if err != nil {
		t.Fatal(err)
	}
	texts, err = generator.Generate(images, sampling, func(_, _ int, logits []float32) { scores = append(scores, logits...) })
	if err != nil {
		t.Fatal(err)
	}
	return texts, scores
}

func randomImages(count int, config Config) [][]float32 {
	random, images := rand.New(rand.NewPCG(1, 2)), make([][]float32, count)
	for i := range images {
		images[i] = make([]float32, config.Vision.ImageSize*config.Vision.ImageSize*3)
		for j := range images[i] {
			images[i][j] = float32(random.NormFloat64())
		}
	}
	return images
}
