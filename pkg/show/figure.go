package show

import (
	"fmt"
	"image/color"
	"os"
	"strings"
)

// Figure is a plot that can be displayed, interactive and as a picture.
type Figure struct {
	Title, XTitle, YTitle string
	LogY                  bool
	Lines                 []Line
	Bands                 []Band
	Bars                  *Bars
	Notes                 []string // what a viewer should know, one sentence each; written below the plot
}

// Line is one curve. A value that is NaN or infinite is a gap.
type Line struct {
	Label string
	X, Y  []float64
	Color color.NRGBA
	Dash  int // 0 draws through, 1 to 3 are dash patterns
	Thin  bool
}

// Bars are values with a name each.
type Bars struct {
	Labels []string
	Values []float64
}

// BarChart draws one bar for each value: upright, or lying if the labels are long.
func BarChart(title, valueTitle string, labels []string, values []float64) *Figure {
	return &Figure{Title: title, YTitle: valueTitle, Bars: &Bars{labels, values}}
}

// LineChart draws lines over numbers of any kind, each in a colour of its own.
func LineChart(title, xTitle, yTitle string, lines ...Line) *Figure {
	for i := range lines {
		lines[i].Color = palette[i%len(palette)]
	}
	return &Figure{Title: title, XTitle: xTitle, YTitle: yTitle, Lines: lines}
}

// Display shows the figure in the notebook.
func (f *Figure) Display() { f.display("") }

func (f *Figure) display(id string) {
	if d := f.drawable(); inNotebook() {
		send(payload(d.png(), d.plotly(), d.alt()), id)
	}
}

// PNG is the figure as a picture, 900 pixels wide.
func (f *Figure) PNG() []byte { return f.drawable().png() }

// SavePNG writes the picture to a file.
func (f *Figure) SavePNG(path string) error { return os.WriteFile(path, f.PNG(), 0o644) }

// Plotly is the figure for plotly.js: maps, lists, strings, numbers and nulls only.
func (f *Figure) Plotly() map[string]any { return f.drawable().plotly() }

// Text is the figure in words, for viewers without pictures.
func (f *Figure) Text() string { return f.drawable().alt() }

func (f *Figure) alt() string {
	parts := []string{f.Title}
	for _, line := range f.Lines {
		pieces := line.pieces()
		first, last := pieces[0][0], pieces[len(pieces)-1][1]-1
		parts = append(parts, fmt.Sprintf("%s: %.4g at step %g, %.4g at step %g", line.Label, line.Y[first], line.X[first], line.Y[last], line.X[last]))
	}
	if f.Bars != nil {
		for i, label := range f.Bars.Labels {
			parts = append(parts, fmt.Sprintf("%s: %.4g", label, f.Bars.Values[i]))
		}
	}
	return strings.Join(append(parts, f.Notes...), "\n")
}
