package show

import (
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ui/plot"
)

// madeUp is a run whose training loss is level after every step.
func madeUp(label string, level float64, settings map[string]any) Run {
	run := Run{Label: label, Settings: settings}
	for step := range 50 {
		run.Points = append(run.Points, plot.Point{MetricName: trainLoss, MetricType: "loss", Step: float64(step), Value: level})
	}
	return run
}

func TestCompareRanksAndTellsWhatDiffers(t *testing.T) {
	settings := func(rate float64, seed int) map[string]any {
		return map[string]any{"learning_rate": rate, "seed": seed, "batch_size": 16}
	}
	c := Compare(
		madeUp("base", 2, settings(1e-3, 0)), madeUp("base", 3, settings(1e-3, 1)),
		madeUp("broken", math.NaN(), settings(1, 0)), madeUp("better", 1, settings(1e-2, 0)),
	)
	var labels []string
	for _, r := range c.Ranked {
		labels = append(labels, r.Label)
	}
	if got := strings.Join(labels, " "); got != "better base broken" {
		t.Errorf("ranked %s", got)
	}
	if base := c.Ranked[1]; base.Runs != 2 || base.Loss != 2.5 || base.Low != 2 || base.High != 3 || base.Differs != "" {
		t.Errorf("base is %+v", base)
	}
	if c.Ranked[0].Differs != "learning_rate 0.001 → 0.01" {
		t.Errorf("better differs in %q", c.Ranked[0].Differs)
	}
	if len(c.Figure.Lines) != 3 || len(c.Figure.Bands) != 1 || c.Figure.Lines[0].Y[49] != 2.5 {
		t.Errorf("%d lines and %d bands, want 3 and 1 (of base)", len(c.Figure.Lines), len(c.Figure.Bands))
	}
}

func TestCompareWithoutPoints(t *testing.T) {
	c := Compare(Run{Label: "just begun"}, madeUp("base", 2, nil))
	if len(c.Ranked) != 2 || c.Ranked[0].Label != "base" || !math.IsNaN(c.Ranked[1].Loss) {
		t.Errorf("ranked %+v", c.Ranked)
	}
}

func double(x int) int { return 2 * x }

func TestSourceOf(t *testing.T) {
	source, err := SourceOf(double)
	if err != nil || source.Name != "double" || source.Text != "func double(x int) int { return 2 * x }" || len(source.Fingerprint) != 8 {
		t.Errorf("%+v, %v", source, err)
	}
	triple := func(x int) int {
		return 3 * x
	}
	literal, err := SourceOf(triple)
	if err != nil || !strings.Contains(literal.Text, "3 * x") || strings.Contains(literal.Text, "SourceOf") {
		t.Errorf("a function without a name: %+v, %v", literal, err)
	}
	if literal.Fingerprint == source.Fingerprint {
		t.Error("two functions have one fingerprint")
	}
	for _, wrong := range []any{3, (func())(nil)} {
		if _, err := SourceOf(wrong); err == nil {
			t.Errorf("%v has a source", wrong)
		}
	}
}
