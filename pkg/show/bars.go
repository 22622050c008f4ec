package show

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// mostWritten is how many bars may have their values written at their ends.
const mostWritten = 24

// lying tells whether the bars lie on their sides, since the labels would overlap below them.
func (b *Bars) lying() bool {
	room := figureWidth * 0.85 / vg.Length(len(b.Values))
	return slices.ContainsFunc(b.Labels, func(label string) bool { return textStyle(10, ink).Width(label)+6 > room })
}

// texts are the values as they are written.
func (b *Bars) texts() []string {
	texts := make([]string, len(b.Values))
	if len(texts) <= mostWritten {
		for i, value := range b.Values {
			texts[i] = readable(value)
		}
	}
	return texts
}

// readable writes a number with three digits, thousands apart.
func readable(value float64) string {
	if value != float64(int64(value)) || value > 1e15 || value < -1e15 {
		return fmt.Sprintf("%.3g", value)
	}
	digits := fmt.Sprintf("%d", int64(value))
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func (f *Figure) addBars(p *plot.Plot) {
	bars, lying := *f.Bars, f.Bars.lying()
	if lying { // the first one on top
		bars = Bars{slices.Clone(bars.Labels), slices.Clone(bars.Values)}
		slices.Reverse(bars.Labels)
		slices.Reverse(bars.Values)
	}
	room := figureWidth * 0.85
	if lying {
		room = plotHeight * 0.75
	}
	drawn := &plotter.BarChart{Values: bars.Values, Width: min(80, 0.7*room/vg.Length(len(bars.Values))), Color: palette[0], Horizontal: lying}
	p.Add(drawn, barTexts(bars, lying))
	axis := &p.Y
	if lying {
		axis = &p.X
		p.NominalY(bars.Labels...)
		p.X.Label.Text, p.Y.Label.Text = f.YTitle, f.XTitle
	} else {
		p.NominalX(bars.Labels...)
	}
	low, high := min(0, slices.Min(bars.Values)), max(0, slices.Max(bars.Values))
	if low == high {
		high = 1
	}
	const forTexts = 0.1
	axis.Min, axis.Max = low*(1+forTexts), high*(1+forTexts)
}

// barTexts are the values at the ends of the bars.
func barTexts(bars Bars, lying bool) plot.Plotter {
	labels := &plotter.Labels{Labels: bars.texts()}
	style := textStyle(10, ink)
	style.XAlign, style.YAlign = text.XCenter, text.YBottom
	labels.Offset = vg.Point{Y: 3}
	if lying {
		style.XAlign, style.YAlign = text.XLeft, text.YCenter
		labels.Offset = vg.Point{X: 4}
	}
	for i, value := range bars.Values {
		at := plotter.XY{X: float64(i), Y: max(0, value)}
		if lying {
			at.X, at.Y = at.Y, at.X
		}
		labels.XYs, labels.TextStyle = append(labels.XYs, at), append(labels.TextStyle, style)
	}
	return labels
}
