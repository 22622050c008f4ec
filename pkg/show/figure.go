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
	Notes                 []string // what a viewer should know, one sentence each
}

// Line is one curve.
type Line struct {
	Label string
	X, Y  []float64
	Color color.NRGBA
}

// Bars are values with a name each.
type Bars struct {
	Labels []string
	Values []float64
}

// BarChart draws one bar for each value.
func BarChart(title, valueTitle string, labels []string, values []float64) *Figure {
	return &Figure{Title: title, YTitle: valueTitle, Bars: &Bars{labels, values}}
}

// Display shows the figure in the notebook.
func (f *Figure) Display() { f.display("") }

func (f *Figure) display(id string) { send(f.PNG(), f.Plotly(), f.alt(), id) }

// alt is the figure in words, for viewers without pictures.
func (f *Figure) alt() string {
	parts := []string{f.Title}
	for _, line := range f.Lines {
		last := len(line.X) - 1
		parts = append(parts, fmt.Sprintf("%s: %.4g at step %g, %.4g at step %g", line.Label, line.Y[0], line.X[0], line.Y[last], line.X[last]))
	}
	if f.Bars != nil {
		for i, label := range f.Bars.Labels {
			parts = append(parts, fmt.Sprintf("%s: %.4g", label, f.Bars.Values[i]))
		}
	}
	return strings.Join(append(parts, f.Notes...), "\n")
}

// SavePNG writes the picture to a file.
func (f *Figure) SavePNG(path string) error { return os.WriteFile(path, f.PNG(), 0o644) }
