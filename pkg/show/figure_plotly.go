package show

import (
	"encoding/json"
	"fmt"
	"html"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"

	grob "github.com/MetalBlueberry/go-plotly/generated/v2.34.0/graph_objects"
	"github.com/MetalBlueberry/go-plotly/pkg/types"
	"gonum.org/v1/plot/vg"
)

// plotly is a drawable figure for plotly.js.
func (f *Figure) plotly() map[string]any {
	var traces []types.Trace
	for _, band := range f.Bands {
		traces = append(traces, bandTrace(band))
	}
	for i := range f.Lines {
		traces = append(traces, f.Lines[i].traces()...)
	}
	if f.Bars != nil {
		traces = append(traces, f.Bars.trace())
	}
	encoded, err := json.Marshal(&grob.Fig{Data: traces, Layout: f.layout()})
	if err != nil {
		panic(err) // a drawable figure has no value that JSON cannot hold
	}
	var figure map[string]any
	if err := json.Unmarshal(encoded, &figure); err != nil {
		panic(err)
	}
	if len(traces) == 0 {
		delete(figure, "data") // gob would turn an empty list into null
	}
	return figure
}

// traces are a line and, where it has gaps, the crosses at its last values before them.
func (l *Line) traces() []types.Trace {
	width, mode := 2.2, grob.ScatterModeLines
	if l.Thin {
		width = 1.2
	}
	if l.dots() {
		mode = "lines+markers"
	}
	dashes := []string{"solid", "dash", "dot", "dashdot"}
	css := types.C(cssColor(l.Color))
	traces := []types.Trace{&grob.Scatter{
		Name: types.S(plotlyText(l.Label)), Mode: mode, X: types.DataArray(short(l.X, 10)), Y: types.DataArray(short(l.Y, 6)),
		Line: &grob.ScatterLine{Color: css, Width: types.N(width), Dash: types.S(dashes[l.Dash%len(dashes)])},
	}}
	var x, y []float64
	for _, i := range l.stops() {
		x, y = append(x, l.X[i]), append(y, l.Y[i])
	}
	if len(x) > 0 {
		traces = append(traces, &grob.Scatter{
			Name: types.S(plotlyText(l.Label + ", last finite value")), Mode: grob.ScatterModeMarkers, Showlegend: types.B(false),
			X: types.DataArray(short(x, 10)), Y: types.DataArray(short(y, 6)),
			Marker: &grob.ScatterMarker{
				Symbol: types.ArrayOKValue(grob.ScatterMarkerSymbolX), Size: types.ArrayOKValue(types.N(9)),
				Color: types.ArrayOKValue(types.UseColor(css)),
			},
		})
	}
	return traces
}

// short rounds to a number of digits, which makes the notebook smaller; a gap becomes null.
func short(values []float64, digits int) []any {
	rounded := make([]any, len(values))
	for i, value := range values {
		if !math.IsNaN(value) {
			rounded[i] = json.Number(strconv.FormatFloat(value, 'g', digits, 64))
		}
	}
	return rounded
}

// bandTrace draws a band as the outline of its area: along the top, back along the bottom.
func bandTrace(band Band) *grob.Scatter {
	back := slices.Clone(band.Steps)
	slices.Reverse(back)
	low := slices.Clone(band.Low)
	slices.Reverse(low)
	return &grob.Scatter{
		Name: types.S(plotlyText(band.Label)), Mode: grob.ScatterModeLines, Fill: grob.ScatterFillToself,
		X: types.DataArray(short(slices.Concat(band.Steps, back), 10)), Y: types.DataArray(short(slices.Concat(band.High, low), 6)),
		Fillcolor: types.C(cssColor(bandGrey)), Line: &grob.ScatterLine{Width: types.N(0), Color: types.C(cssColor(bandGrey))},
		Hoverinfo: types.ArrayOKValue(grob.ScatterHoverinfoSkip),
	}
}

// trace puts the bars at 0, 1, 2 ...: labels as positions would merge bars of the same name.
func (b *Bars) trace() *grob.Bar {
	places := make([]float64, len(b.Values))
	var texts []types.StringType
	for i, text := range b.texts() {
		places[i] = float64(i)
		texts = append(texts, types.S(text))
	}
	bar := &grob.Bar{
		X: types.DataArray(short(places, 10)), Y: types.DataArray(short(b.Values, 6)),
		Text: types.ArrayOKArray(texts...), Textposition: types.ArrayOKValue(grob.BarTextpositionOutside),
		Marker:    &grob.BarMarker{Color: types.ArrayOKValue(types.UseColor(types.C(cssColor(palette[0]))))},
		Hoverinfo: types.ArrayOKValue(grob.BarHoverinfo("x+y")), Cliponaxis: types.B(false),
	}
	if b.lying() {
		bar.X, bar.Y, bar.Orientation = bar.Y, bar.X, grob.BarOrientationH
	}
	return bar
}

func (f *Figure) layout() *grob.Layout {
	white, grid := types.C("white"), types.C(cssColor(faint))
	// The notes stand below the title, small.
	title := types.S(plotlyText(f.Title))
	var subtitle *grob.LayoutTitleSubtitle
	if len(f.Notes) > 0 {
		subtitle = &grob.LayoutTitleSubtitle{
			Text: types.S(plotlyText(strings.Join(f.Notes, "\n"))),
			Font: &grob.LayoutTitleSubtitleFont{Size: types.N(11), Color: types.C(cssColor(noteGrey))},
		}
	}
	above := 50 + 22*float64(strings.Count(f.Title, "\n"))
	if len(f.Notes) > 0 {
		above += 8 + 16*float64(len(f.Notes))
	}
	legend := float64(len(legendRows(f.legend(), figureWidth-2*sideMargin)))
	layout := &grob.Layout{
		Title:        &grob.LayoutTitle{Text: title, Subtitle: subtitle, X: types.N(0.5), Font: &grob.LayoutTitleFont{Size: types.N(17)}},
		Font:         &grob.LayoutFont{Color: types.C(cssColor(ink))},
		Xaxis:        &grob.LayoutXaxis{Title: &grob.LayoutXaxisTitle{Text: types.S(plotlyText(f.XTitle))}, Gridcolor: grid, Zeroline: types.B(false), Automargin: grob.LayoutXaxisAutomarginTrue},
		Yaxis:        &grob.LayoutYaxis{Title: &grob.LayoutYaxisTitle{Text: types.S(plotlyText(f.YTitle))}, Gridcolor: grid, Zeroline: types.B(false), Automargin: grob.LayoutYaxisAutomarginTrue},
		Legend:       &grob.LayoutLegend{Orientation: grob.LayoutLegendOrientationH, X: types.N(0.5), Xanchor: grob.LayoutLegendXanchorCenter, Y: types.N(0), Yref: grob.LayoutLegendYrefContainer, Yanchor: grob.LayoutLegendYanchorBottom},
		Margin:       &grob.LayoutMargin{L: types.N(60), R: types.N(20), T: types.N(above), B: types.N(58)},
		PaperBgcolor: white, PlotBgcolor: white, Height: types.N(380 + above + 20*legend), Showlegend: types.B(f.Bars == nil),
	}
	switch {
	case f.Bars != nil:
		f.labelBars(layout)
	case f.LogY:
		layout.Yaxis.Type = grob.LayoutYaxisTypeLog
	}
	if f.Bars == nil {
		layout.Hovermode = grob.LayoutHovermodeXUnified
	}
	return layout
}

// labelBars writes the bars' names at their places.
func (f *Figure) labelBars(layout *grob.Layout) {
	places, names := make([]int, len(f.Bars.Labels)), make([]string, len(f.Bars.Labels))
	for i, label := range f.Bars.Labels {
		places[i], names[i] = i, plotlyText(label)
	}
	low, high := f.Bars.span()
	span := []any{low, high}
	if f.Bars.lying() {
		layout.Height = types.N(float64(f.height() / vg.Inch * dotsPerInch))
		layout.Xaxis.Range = span
		layout.Yaxis.Ticks, layout.Yaxis.Ticklen, layout.Yaxis.Tickcolor = grob.LayoutYaxisTicksOutside, types.N(6), types.C("white")
		layout.Yaxis.Tickvals, layout.Yaxis.Ticktext = types.DataArray(places), types.DataArray(names)
		layout.Yaxis.Autorange = grob.LayoutYaxisAutorangeReversed
		layout.Xaxis.Title.Text, layout.Yaxis.Title.Text = layout.Yaxis.Title.Text, layout.Xaxis.Title.Text
		return
	}
	layout.Yaxis.Range = span
	layout.Xaxis.Tickvals, layout.Xaxis.Ticktext = types.DataArray(places), types.DataArray(names)
}

// plotlyText keeps a text as it was written: plotly.js reads HTML tags, and TeX between dollars.
func plotlyText(text string) string {
	return strings.NewReplacer("$", "&#36;", "\n", "<br>").Replace(html.EscapeString(text))
}

func cssColor(c color.NRGBA) string {
	return fmt.Sprintf("rgba(%d,%d,%d,%.2f)", c.R, c.G, c.B, float64(c.A)/255)
}
