package training

import (
	"image/color"
	"path/filepath"
	"strings"
	"testing"
)

// TestEvaluate: a run that learned four colours captions other shades of them and looks at the
// picture; a picture that it was trained on is refused.
func TestEvaluate(t *testing.T) {
	learned := colours(t)
	shades := painted(t, map[string]color.Color{
		"red": color.NRGBA{200, 40, 20, 255}, "green": color.NRGBA{40, 190, 50, 255}, "blue": color.NRGBA{50, 50, 200, 255},
	})
	options := tinyOptions(t, learned, filepath.Join(t.TempDir(), "run"), 120)
	options.Config.LearningRate = 3e-3
	run, err := Train(options)
	if err != nil {
		t.Fatal(err)
	}
	report, err := run.Evaluate(learned, shades)
	if err != nil {
		t.Fatal(err)
	}
	if report.Scores.Exact != 1 || report.Nearest.Exact != 1 {
		t.Errorf("exact is %.2f (%q), of the nearest %.2f, want 1", report.Scores.Exact, report.Written, report.Nearest.Exact)
	}
	if losses := report.Losses; losses.Right > losses.Shuffled-1 || losses.Right > losses.Blank-1 {
		t.Errorf("losses are %+v: the right picture should make the captions far more likely", losses)
	}
	if _, err := run.Evaluate(learned, learned); err == nil || !strings.Contains(err.Error(), "are the same picture") {
		t.Errorf("evaluating the training pictures: %v", err)
	}
}
