package show

import (
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

func (f *Figure) addBars(p *plot.Plot) {
	bars, lying := *f.Bars, f.Bars.lying()
	if lying { // the first one on top
		bars = Bars{slices.Clone(bars.Labels), slices.Clone(bars.Values)}
		slices.Reverse(bars.Labels)
		slices.Reverse(bars.Values)
	}
	room := figureWidth * 0.85
	if lying {
		room = f.height() * 0.75
	}
	drawn := &plotter.BarChart{Values: bars.Values, Width: min(80, 0.7*room/vg.Length(len(bars.Values))), Color: palette[0], Horizontal: lying}
	p.Add(drawn, barTexts(bars, lying))
	axis, across := &p.Y, &p.X
	if lying {
		axis, across = &p.X, &p.Y
		p.NominalY(bars.Labels...)
		p.X.Label.Text, p.Y.Label.Text = f.YTitle, f.XTitle
	} else {
		p.NominalX(bars.Labels...)
	}
	across.Min, across.Max = -0.6, float64(len(bars.Values))-0.4
	axis.Tick.Marker = linearTicks(6)
	axis.Min, axis.Max = bars.span()
}

// span is the range of the values and zero, with room for the texts at the bars' ends.
func (b *Bars) span() (low, high float64) {
	low, high = min(0, slices.Min(b.Values)), max(0, slices.Max(b.Values))
	if low == high {
		high = 1
	}
	return low * 1.1, high * 1.1
}

// barTexts are the values at the ends of the bars.
func barTexts(bars Bars, lying bool) plot.Plotter {
	labels := &plotter.Labels{Labels: bars.texts()}
	style := textStyle(10, ink)
	style.XAlign, style.YAlign = text.XCenter, text.YBottom
	labels.Offset = vg.Point{Y: 3}
	if lying {
		style.XAlign, style.YAlign = text.XLeft, text.YCenter
		labels.Offset = vg.Point{X: 4, Y: 2}
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
