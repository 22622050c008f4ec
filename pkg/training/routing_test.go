package training

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
)

// tinyMixture is a small mixture of experts in training.
func tinyMixture(t *testing.T, folder string, steps int) Options {
	t.Helper()
	options := tinyOptions(t, colours(t), folder, steps)
	options.Config.Variant, options.Config.Kaiming = "seemoe", true
	options.Config.Model = options.Config.Model.WithExperts(4, 2)
	return options
}

// TestRoutingAddsUp trains with noise: losses are finite, and at every recorded step the loads of a
// block sum to tokens x 2 and have the entropy that is recorded beside them.
func TestRoutingAddsUp(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	for seed := range int64(3) {
		options := tinyMixture(t, filepath.Join(t.TempDir(), "run"), 100)
		options.Config.Seed = seed
		if _, err := Train(options); err != nil {
			t.Fatal(err)
		}
		uses := float64(2 * options.Config.BatchSize * (1 + options.Config.Data.TextLength))
		loads, entropies, losses := map[string][]float64{}, map[string]float64{}, 0
		for _, point := range points(t, options.Folder) {
			var block, expert int
			switch {
			case point.MetricType == "loss":
				losses++
			case scan(point.MetricName, "load, block %d, expert %d", &block, &expert):
				key := fmt.Sprint(point.Step, " block ", block)
				loads[key] = append(loads[key], point.Value)
			case scan(point.MetricName, "load entropy, block %d", &block):
				entropies[fmt.Sprint(point.Step, " block ", block)] = point.Value
			default:
				t.Errorf("metric %q is not expected", point.MetricName)
			}
		}
		if blocks := options.Config.Model.Decoder.NumBlocks; losses != 100 || len(loads) != 11*blocks || len(entropies) != 11*blocks {
			t.Fatalf("%d losses, %d loads, %d entropies: want 100, %d, %d", losses, len(loads), len(entropies), 11*blocks, 11*blocks)
		}
		for key, load := range loads {
			sum := 0.0
			for _, tokens := range load {
				sum += tokens
			}
			if sum != uses || len(load) != 4 {
				t.Errorf("step %s: loads %v sum to %v, want %v", key, load, sum, uses)
			}
			if got := Entropy(load); math.Abs(got-entropies[key]) > 1e-9 {
				t.Errorf("step %s: entropy is %v, want %v", key, entropies[key], got)
			}
		}
	}
}

func scan(text, format string, into ...any) bool {
	n, err := fmt.Sscanf(text, format, into...)
	return err == nil && n == len(into)
}

func TestEntropy(t *testing.T) {
	for _, test := range []struct {
		load []float64
		want float64
	}{{[]float64{5, 5}, math.Log(2)}, {[]float64{7, 0, 0}, 0}, {[]float64{1, 1, 2}, 1.5 * math.Log(2)}} {
		if got := Entropy(test.load); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("entropy of %v is %v, want %v", test.load, got, test.want)
		}
	}
}

// TestBalancingLossEvens: with the balancing loss a router that starts with a prejudice ends up more
// even than without.
func TestBalancingLossEvens(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	entropy := func(balancing float64) (last float64) {
		options := tinyMixture(t, filepath.Join(t.TempDir(), "run"), 150)
		options.Config.BalancingLoss = balancing
		prejudiced := func(scope *model.Scope, tokens *Node) *Node {
			logits := Add(vlm.Linear(scope, tokens, 4, true), Const(tokens.Graph(), [][]float32{{3, 3, 0, 0}}))
			gates := MaskedSoftmax(logits, TopKMask(StopGradient(logits), 2, -1), -1)
			vlm.RecordRouting(scope, logits, gates)
			return gates
		}
		whole := vlm.SeeMoE(options.Config.Model, vlm.GroupedMoE(prejudiced, 2, 0))
		options.Model = &whole
		if _, err := Train(options); err != nil {
			t.Fatal(err)
		}
		for _, point := range points(t, options.Folder) {
			if point.MetricName == "load entropy, block 1" {
				last = point.Value
			}
		}
		return last
	}
	if without, with := entropy(0), entropy(1); with < without+0.2 {
		t.Errorf("entropy is %.2f with the balancing loss and %.2f without", with, without)
	}
}

// TestBrokenRouterStops: scores that are no numbers end the training with one line.
func TestBrokenRouterStops(t *testing.T) {
	options := tinyMixture(t, filepath.Join(t.TempDir(), "run"), 5)
	broken := func(scope *model.Scope, tokens *Node) *Node {
		gates := vlm.NoisyTopKRouter(4, 2)(scope, tokens)
		return MulScalar(gates, math.NaN())
	}
	whole := vlm.SeeMoE(options.Config.Model, vlm.GroupedMoE(broken, 2, 0))
	options.Model = &whole
	_, err := Train(options)
	if err == nil || !strings.Contains(err.Error(), "step 0: the cross-entropy is NaN in the batch of ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error is %v", err)
	}
}
