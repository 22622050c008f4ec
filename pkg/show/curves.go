package show

import (
	"fmt"
	"slices"
	"strings"
)

// CurveOptions says what a figure of curves shows.
type CurveOptions struct {
	Title      string
	Metrics    []string // names of the metrics to draw, "train loss" for example; empty draws every loss
	LogY       bool     // logarithmic losses; steps stay linear, so that step 0 is there
	Bands      []Band
	References []Reference
}

// Curves draws the metrics of several runs over their steps. With several runs each has a colour and
// each metric a dash pattern; a single run has a colour for each metric.
//
// Values that are not finite leave a gap in their line, with a cross where it stops; on a logarithmic
// axis values of zero or below are drawn at the bottom. The figure says so in its notes.
func Curves(options CurveOptions, runs ...Run) *Figure {
	figure := curves(options, runs)
	for _, name := range options.Metrics {
		known := func(run Run) bool { return slices.Contains(run.metrics(false), name) }
		if !slices.ContainsFunc(runs, known) {
			figure.Notes = append(figure.Notes, fmt.Sprintf("no run has a metric %q", name))
		}
	}
	return figure
}

// curves does not mind a metric without points: while a run is live they may be still to come.
func curves(options CurveOptions, runs []Run) *Figure {
	figure := &Figure{Title: options.Title, XTitle: "step", YTitle: "loss", LogY: options.LogY, Bands: options.Bands}
	for i, reference := range options.References {
		figure.Lines = append(figure.Lines, Line{
			Label: reference.Label, X: reference.Steps, Y: reference.Values, Color: referenceGrey, Dash: i, Thin: true,
		})
	}
	for i, run := range runs {
		names := run.metrics(len(options.Metrics) == 0)
		if len(names) == 0 {
			names = run.metrics(false)
		}
		for j, name := range names {
			if len(options.Metrics) > 0 && !slices.Contains(options.Metrics, name) {
				continue
			}
			line := run.line(name)
			line.Color, line.Dash = palette[j%len(palette)], 0
			if len(runs) > 1 {
				line.Color, line.Dash = palette[i%len(palette)], j
			}
			figure.Lines = append(figure.Lines, line)
		}
	}
	return figure
}

// line is one metric of a run.
func (r Run) line(metric string) Line {
	line := Line{Label: strings.TrimPrefix(strings.TrimSuffix(r.Label, ":")+": "+metric, ": ")}
	for _, point := range r.Points {
		if point.MetricName == metric {
			line.X, line.Y = append(line.X, point.Step), append(line.Y, point.Value)
		}
	}
	return line
}

// MustLoadRun is LoadRun for notebook cells: it panics on an error.
func MustLoadRun(label, folder string) Run {
	run, err := LoadRun(label, folder)
	if err != nil {
		panic(err)
	}
	return run
}
