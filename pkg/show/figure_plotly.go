package show

import (
	"encoding/json"
	"fmt"
	"html"
	"image/color"
	"slices"
	"strings"

	grob "github.com/MetalBlueberry/go-plotly/generated/v2.34.0/graph_objects"
	"github.com/MetalBlueberry/go-plotly/pkg/types"
)

// Plotly is the figure for plotly.js: maps, lists, strings and numbers only.
func (f *Figure) Plotly() map[string]any {
	var traces []types.Trace
	for _, band := range f.Bands {
		traces = append(traces, bandTrace(band))
	}
	for _, line := range f.Lines {
		traces = append(traces, &grob.Scatter{
			Name: types.S(plotlyText(line.Label)), Mode: grob.ScatterModeLines,
			X: types.DataArray(line.X), Y: types.DataArray(line.Y),
			Line: &grob.ScatterLine{Color: types.C(cssColor(line.Color)), Width: types.N(2)},
		})
	}
	if f.Bars != nil {
		traces = append(traces, &grob.Bar{
			X: types.DataArray(plotlyTexts(f.Bars.Labels)), Y: types.DataArray(f.Bars.Values),
			Marker: &grob.BarMarker{Color: types.ArrayOKValue(types.UseColor(types.C(cssColor(palette[0]))))},
		})
	}
	encoded, err := json.Marshal(&grob.Fig{Data: traces, Layout: f.layout()})
	if err != nil {
		panic(err) // the values were checked when they were added
	}
	var figure map[string]any
	if err := json.Unmarshal(encoded, &figure); err != nil {
		panic(err)
	}
	return figure
}

// bandTrace draws a band as the outline of its area: along the top, back along the bottom.
func bandTrace(band Band) *grob.Scatter {
	back := slices.Clone(band.Steps)
	slices.Reverse(back)
	low := slices.Clone(band.Low)
	slices.Reverse(low)
	return &grob.Scatter{
		Name: types.S(plotlyText(band.Label)), Mode: grob.ScatterModeLines, Fill: grob.ScatterFillToself,
		X: types.DataArray(append(slices.Clone(band.Steps), back...)), Y: types.DataArray(append(slices.Clone(band.High), low...)),
		Fillcolor: types.C(cssColor(bandGrey)), Line: &grob.ScatterLine{Width: types.N(0), Color: types.C(cssColor(bandGrey))},
		Hoverinfo: types.ArrayOKValue(grob.ScatterHoverinfoSkip),
	}
}

func (f *Figure) layout() *grob.Layout {
	white := types.C("white")
	layout := &grob.Layout{
		Title:        &grob.LayoutTitle{Text: types.S(plotlyText(f.Title))},
		Xaxis:        &grob.LayoutXaxis{Title: &grob.LayoutXaxisTitle{Text: types.S(plotlyText(f.XTitle))}, Gridcolor: types.C("#dddddd")},
		Yaxis:        &grob.LayoutYaxis{Title: &grob.LayoutYaxisTitle{Text: types.S(plotlyText(f.YTitle))}, Gridcolor: types.C("#dddddd")},
		Legend:       &grob.LayoutLegend{Orientation: grob.LayoutLegendOrientationH, Y: types.N(-0.2)},
		Margin:       &grob.LayoutMargin{L: types.N(60), R: types.N(20), T: types.N(50), B: types.N(60)},
		PaperBgcolor: white, PlotBgcolor: white, Height: types.N(420), Showlegend: types.B(f.Bars == nil),
	}
	if f.LogY {
		layout.Yaxis.Type = grob.LayoutYaxisTypeLog
	}
	return layout
}

// plotlyText keeps a text as it was written: plotly.js reads HTML tags, and TeX between dollars.
func plotlyText(text string) string {
	return strings.ReplaceAll(html.EscapeString(text), "$", "&#36;")
}

func plotlyTexts(texts []string) []string {
	kept := make([]string, len(texts))
	for i, text := range texts {
		kept[i] = plotlyText(text)
	}
	return kept
}

func cssColor(c color.NRGBA) string {
	return fmt.Sprintf("rgba(%d,%d,%d,%.2f)", c.R, c.G, c.B, float64(c.A)/255)
}
