package show

import (
	"math"
	"slices"
)

// Band is a range to compare with, such as what several seeds did; it is drawn as an area.
type Band struct {
	Label     string
	Steps     []float64
	Low, High []float64
}

// Reference is a curve to compare with, drawn as a thin grey line.
type Reference struct {
	Label         string
	Steps, Values []float64
}

// BandOf is the range of several runs at each step, widened by a fraction: 0.25 widens by 25 %.
// It ends where the shortest run does.
func BandOf(label string, widen float64, runs ...[]float64) Band {
	band := Band{Label: label}
	if len(runs) == 0 {
		return band
	}
	shortest := slices.MinFunc(runs, func(a, b []float64) int { return len(a) - len(b) })
	for step := range shortest {
		low, high := math.Inf(1), math.Inf(-1)
		for _, run := range runs {
			low, high = min(low, run[step]), max(high, run[step])
		}
		band.Steps = append(band.Steps, float64(step))
		band.Low, band.High = append(band.Low, low*(1-widen)), append(band.High, high*(1+widen))
	}
	return band
}

// Outside lists the steps, every so many, at which a run's metric leaves the band. Steps that the
// band has no range for are passed over.
func (b Band) Outside(run Run, metric string, every int) []int {
	var outside []int
	for _, point := range run.Points {
		step := int(point.Step)
		if point.MetricName != metric || step%max(1, every) != 0 {
			continue
		}
		at := slices.Index(b.Steps, point.Step)
		if at >= 0 && at < min(len(b.Low), len(b.High)) && !(point.Value >= b.Low[at] && point.Value <= b.High[at]) {
			outside = append(outside, step)
		}
	}
	return outside
}
