package show

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ui/plot"
)

// Run is what a training wrote down, with a label for the legend.
type Run struct {
	Label  string
	Points []plot.Point
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
	lines := bytes.Split(content, []byte("\n"))
	for i, line := range lines {
		var point plot.Point
		if err := json.Unmarshal(line, &point); err == nil {
			run.Points = append(run.Points, point)
		} else if i < len(lines)-1 {
			return Run{}, fmt.Errorf("%s line %d: not a plot point: %w", path, i+1, err)
		}
	}
	return run, nil
}

// Band is a range to compare with, such as what several seeds did; it is drawn as an area.
type Band struct {
	Label     string
	Steps     []float64
	Low, High []float64
}

// BandOf is the range of several runs at each step, widened by a fraction: 0.25 widens by 25 %.
func BandOf(label string, widen float64, runs ...[]float64) Band {
	band := Band{Label: label}
	for step := range runs[0] {
		low, high := math.Inf(1), math.Inf(-1)
		for _, run := range runs {
			low, high = min(low, run[step]), max(high, run[step])
		}
		band.Steps = append(band.Steps, float64(step))
		band.Low, band.High = append(band.Low, low*(1-widen)), append(band.High, high*(1+widen))
	}
	return band
}

// Outside lists the steps, every so many, at which a run's metric leaves the band.
func (b Band) Outside(run Run, metric string, every int) []int {
	var outside []int
	for _, point := range run.Points {
		step := int(point.Step)
		if point.MetricName != metric || step%every != 0 || step >= len(b.Steps) {
			continue
		}
		if !(point.Value >= b.Low[step] && point.Value <= b.High[step]) {
			outside = append(outside, step)
		}
	}
	return outside
}

// CurveOptions says what a figure of curves shows.
type CurveOptions struct {
	Title   string
	Metrics []string // names of the metrics to draw, "train loss" for example; empty draws all
	LogY    bool     // logarithmic losses; steps stay linear, so that step 0 is there
	Bands   []Band
}

// Curves draws the metrics of several runs over their steps, one line for each run and metric.
func Curves(options CurveOptions, runs ...Run) *Figure {
	figure := &Figure{Title: options.Title, XTitle: "step", YTitle: "loss", LogY: options.LogY, Bands: options.Bands}
	for _, run := range runs {
		for _, metric := range metrics(run.Points) {
			if len(options.Metrics) > 0 && !slices.Contains(options.Metrics, metric) {
				continue
			}
			figure.addLine(run, metric)
		}
	}
	return figure
}

// metrics are the names in the order of their first point.
func metrics(points []plot.Point) []string {
	var names []string
	for _, point := range points {
		if !slices.Contains(names, point.MetricName) {
			names = append(names, point.MetricName)
		}
	}
	return names
}

// addLine appends one metric of a run. Values that cannot be drawn leave a gap and are counted.
func (f *Figure) addLine(run Run, metric string) {
	line := Line{Label: strings.TrimSpace(run.Label + " " + metric), Color: palette[len(f.Lines)%len(palette)]}
	undrawable := 0
	for _, point := range run.Points {
		if point.MetricName != metric {
			continue
		}
		if math.IsNaN(point.Value) || math.IsInf(point.Value, 0) || (f.LogY && point.Value <= 0) {
			undrawable++
			continue
		}
		line.X, line.Y = append(line.X, point.Step), append(line.Y, point.Value)
	}
	if undrawable > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%s: %d values are not finite or not positive and cannot be drawn", line.Label, undrawable))
	}
	if len(line.X) > 0 {
		line.thin()
		f.Lines = append(f.Lines, line)
	}
}

// mostPoints is how many points of a line are drawn; more would only make the notebook larger.
const mostPoints = 2000

// thin keeps the smallest and the largest value of every stretch of a long line.
func (l *Line) thin() {
	if len(l.X) <= mostPoints {
		return
	}
	stretch := (len(l.X)*2 + mostPoints - 1) / mostPoints
	var x, y []float64
	for start := 0; start < len(l.X); start += stretch {
		end := min(start+stretch, len(l.X))
		low, high := start, start
		for i := start; i < end; i++ {
			if l.Y[i] < l.Y[low] {
				low = i
			}
			if l.Y[i] > l.Y[high] {
				high = i
			}
		}
		for _, i := range []int{min(low, high), max(low, high)} {
			x, y = append(x, l.X[i]), append(y, l.Y[i])
		}
	}
	l.X, l.Y = x, y
}
