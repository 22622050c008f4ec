package show

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/gomlx/ui/plot"

	"seemore/pkg/training"
)

// Run is what a training wrote down, with a label for the legend.
type Run struct {
	Label    string
	Points   []plot.Point
	Settings map[string]any // of the run's configuration, "model.vision.embed_dim" for example; may be nil
}

// LoadRun reads the metric file of a run folder. The last line may be cut off by a crash; it is
// passed over then.
func LoadRun(label, folder string) (Run, error) {
	path := filepath.Join(folder, plot.TrainingPlotFileName)
	content, err := os.ReadFile(path)
	if err != nil {
		return Run{}, fmt.Errorf("the curve cannot be drawn: %w", err)
	}
	run := Run{Label: label}
	if config, err := training.ReadConfig(folder); err == nil {
		run.Settings = config.Settings()
	}
	lines := bytes.Split(content, []byte("\n"))
	for i, line := range lines {
		var point plot.Point
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := json.Unmarshal(line, &point); err == nil {
			run.Points = append(run.Points, point)
		} else if i < len(lines)-1 {
			return Run{}, fmt.Errorf("%s line %d: not a plot point: %w", path, i+1, err)
		}
	}
	return run, nil
}

// metrics are the names in the order of their first point, of all metrics or of the losses only.
func (r Run) metrics(onlyLosses bool) []string {
	var names []string
	for _, point := range r.Points {
		loss := point.MetricType == "" || point.MetricType == "loss"
		if (loss || !onlyLosses) && !slices.Contains(names, point.MetricName) {
			names = append(names, point.MetricName)
		}
	}
	return names
}
