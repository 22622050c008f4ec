package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"seemore/pkg/show"
)

// scatter is by how much a point may lie above the line through the one before it before that counts as growth
// faster than linear.
const scatter = 1.25

// noteGrowth says what grows faster than its axis at the far end.
func (b *bench) noteGrowth(points []comparison) {
	for _, q := range quantities {
		if exponent := endExponent(points, q.value); exponent > linearExponent(points) {
			note := fmt.Sprintf("%s: from %g to %g %s the %s grows with the power %.2f", points[0].Model,
				points[len(points)-2].At, points[len(points)-1].At, points[0].Axis, q.name, exponent)
			if points[0].Axis == "characters" {
				note += "; attention looks at all pairs of characters"
			}
			fmt.Fprintln(os.Stderr, "note:", note)
			b.report.Notes = append(b.report.Notes, note)
		}
	}
}

// quantity is something that may grow.
type quantity struct {
	name  string
	value func(comparison) float64
}

// quantities of a point; 0 is what was not measured there.
var quantities = []quantity{
	{"time", func(c comparison) float64 { return c.OursMS }},
	{"peak memory", func(c comparison) float64 { return c.Memory.OursMiB }},
	{"opening", func(c comparison) float64 { return c.OpenMS }},
}

// endExponent is the power of the axis with which a value grows between the last two points; 0 where it
// is not measured.
func endExponent(points []comparison, value func(comparison) float64) float64 {
	if len(points) < 2 {
		return 0
	}
	one, other := points[len(points)-2], points[len(points)-1]
	if value(one) <= 0 {
		return 0
	}
	return math.Log(value(other)/value(one)) / math.Log(other.At/one.At)
}

// linearExponent is the exponent of growth that is linear but for scatter.
func linearExponent(points []comparison) float64 {
	if len(points) < 2 {
		return 0
	}
	return 1 + math.Log(scatter)/math.Log(points[len(points)-1].At/points[len(points)-2].At)
}

// drawGrowth draws an axis: time and memory as multiples of the first point's, beside the axis itself, all
// as powers of two. The picture lies beside the results.
func drawGrowth(points []comparison, out string) error {
	if len(points) < 2 {
		return nil
	}
	first := points[0]
	var lines []show.Line
	for _, q := range append(quantities, quantity{"in proportion", func(c comparison) float64 { return c.At }}) {
		if q.value(first) == 0 {
			continue
		}
		l := show.Line{Label: q.name}
		for _, c := range points {
			l.X, l.Y = append(l.X, math.Log2(c.At)), append(l.Y, q.value(c)/q.value(first))
		}
		lines = append(lines, l)
	}
	lines[len(lines)-1].Dash, lines[len(lines)-1].Thin = 2, true
	title := fmt.Sprintf("%s: %s from %g to %g", first.Model, first.Axis, first.At, points[len(points)-1].At)
	figure := show.LineChart(title, first.Axis+", log2", "times the first point's", lines...)
	figure.LogY = true
	figure.Notes = []string{fmt.Sprintf("at %g: %.0f ms, %.0f MiB", first.At, first.OursMS, first.Memory.OursMiB)}
	return figure.SavePNG(figurePath(out, first.Axis))
}

// figurePath is the picture of an axis beside the results: results/cpu-characters.png for results/cpu.json.
func figurePath(out, axis string) string {
	name := strings.NewReplacer(" ", "-", ",", "").Replace(axis)
	return strings.TrimSuffix(out, filepath.Ext(out)) + "-" + name + ".png"
}
