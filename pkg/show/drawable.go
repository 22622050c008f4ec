package show

import (
	"fmt"
	"math"
	"slices"
)

// drawable is a figure that both drawings can take as it is: NaN is the only value that is not finite
// and stands for a gap, logarithmic values are above zero, no line is long or empty. What was changed
// for that is said in the notes.
func (f *Figure) drawable() *Figure {
	d := *f
	d.Lines, d.Bands, d.Notes = nil, nil, slices.Clone(f.Notes)
	for _, line := range f.Lines {
		d.takeLine(line)
	}
	for _, band := range f.Bands {
		d.takeBand(band)
	}
	if f.Bars != nil {
		d.takeBars(*f.Bars)
	}
	if d.LogY {
		d.clip()
	}
	for i := range d.Lines {
		d.Lines[i].thin()
	}
	return &d
}

func (f *Figure) note(format string, arguments ...any) {
	f.Notes = append(f.Notes, fmt.Sprintf(format, arguments...))
}

func finite(value float64) bool { return !math.IsNaN(value) && !math.IsInf(value, 0) }

// takeLine copies a line, with NaN for each value that cannot be drawn.
func (f *Figure) takeLine(line Line) {
	if len(line.X) != len(line.Y) {
		f.note("%s: %d steps but %d values; what has no partner is left out", line.Label, len(line.X), len(line.Y))
	}
	var x, y []float64
	missing, first := 0, 0.0
	for i := range min(len(line.X), len(line.Y)) {
		if !finite(line.X[i]) {
			continue
		}
		x, y = append(x, line.X[i]), append(y, line.Y[i])
		if !finite(line.Y[i]) {
			if missing++; missing == 1 {
				first = line.X[i]
			}
			y[len(y)-1] = math.NaN()
		}
	}
	if missing > 0 {
		f.note("%s: %d of %d values are not finite, the first at step %g", line.Label, missing, len(x), first)
	}
	if missing < len(x) {
		line.X, line.Y = x, y
		f.Lines = append(f.Lines, line)
	}
}

// takeBand copies the steps of a band that have a range.
func (f *Figure) takeBand(band Band) {
	steps := min(len(band.Steps), len(band.Low), len(band.High))
	kept := Band{Label: band.Label}
	for i := range steps {
		if finite(band.Steps[i]) && finite(band.Low[i]) && finite(band.High[i]) {
			kept.Steps = append(kept.Steps, band.Steps[i])
			kept.Low, kept.High = append(kept.Low, band.Low[i]), append(kept.High, band.High[i])
		}
	}
	if left := max(len(band.Steps), len(band.Low), len(band.High)) - len(kept.Steps); left > 0 {
		f.note("%s: %d steps have no range and are left out", band.Label, left)
	}
	if len(kept.Steps) > 0 {
		f.Bands = append(f.Bands, kept)
	}
}

// takeBars copies bars; one that cannot be drawn has no height.
func (f *Figure) takeBars(bars Bars) {
	kept := Bars{Values: slices.Clone(bars.Values)}
	for i, value := range kept.Values {
		label := ""
		if i < len(bars.Labels) {
			label = visible(bars.Labels[i])
		}
		kept.Labels = append(kept.Labels, label)
		if !finite(value) {
			f.note("%s: %v cannot be drawn", label, value)
			kept.Values[i] = 0
		}
	}
	f.Bars = &kept
	if len(kept.Values) == 0 {
		f.Bars = nil
	}
}

// clip lifts what a logarithmic axis cannot show to the smallest value that it can.
func (f *Figure) clip() {
	type series struct {
		label  string
		values []float64
	}
	var all []series
	for _, line := range f.Lines {
		all = append(all, series{line.Label, line.Y})
	}
	for _, band := range f.Bands {
		all = append(all, series{band.Label, band.Low}, series{band.Label, band.High})
	}
	floor := math.Inf(1)
	for _, one := range all {
		for _, value := range one.values {
			if value > 0 {
				floor = min(floor, value)
			}
		}
	}
	if math.IsInf(floor, 1) {
		f.LogY = false
		if len(all) > 0 {
			f.note("no value is above zero: the axis is not logarithmic")
		}
		return
	}
	for _, one := range all {
		clipped := 0
		for i, value := range one.values {
			if value <= 0 {
				one.values[i] = floor
				clipped++
			}
		}
		if clipped > 0 {
			f.note("%s: %d of %d values are zero or below and drawn at the bottom, at %.3g", one.label, clipped, len(one.values), floor)
		}
	}
}
