package show

import (
	"image"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

const (
	dotsPerInch = 100
	figureWidth = 9 * vg.Inch
	plotHeight  = 4.5 * vg.Inch
)

// png draws a drawable figure: the plot, below it the legend, below that the notes.
func (f *Figure) png() []byte {
	legend := legendRows(f.legend(), figureWidth-2*sideMargin)
	below := vg.Length(len(legend))*legendHeight + vg.Length(len(f.Notes))*noteHeight + vg.Points(6)
	drawn := vgimg.NewWith(vgimg.UseWH(figureWidth, f.height()+below), vgimg.UseDPI(dotsPerInch), vgimg.UseBackgroundColor(color.White))
	canvas := draw.New(drawn)

	f.plot().Draw(draw.Crop(canvas, vg.Points(8), -vg.Points(16), below, -vg.Points(8)))
	y := below - legendHeight/2 - vg.Points(2)
	for _, row := range legend {
		drawLegendRow(canvas, row, y)
		y -= legendHeight
	}
	for _, note := range f.Notes {
		canvas.FillText(textStyle(9, noteGrey), vg.Point{X: sideMargin, Y: y - vg.Points(2)}, fit(note, 9, figureWidth-2*sideMargin))
		y -= noteHeight
	}
	return encodePNG(fewerColors(drawn.Image().(*image.RGBA)))
}

// height is that of the plot, without the legend and the notes: lying bars need room for their names.
func (f *Figure) height() vg.Length {
	if f.Bars != nil && f.Bars.lying() {
		return max(plotHeight, vg.Length(len(f.Bars.Values))*14+60)
	}
	return plotHeight
}

// plot is the figure for gonum.
func (f *Figure) plot() *plot.Plot {
	p := plot.New()
	p.TextHandler = plain
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = f.Title, f.XTitle, f.YTitle
	p.Title.TextStyle, p.Title.Padding = textStyle(13, ink), vg.Points(8)
	p.Title.TextStyle.XAlign, p.Title.TextStyle.YAlign = text.XCenter, text.YTop
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		for _, style := range []*text.Style{&axis.Label.TextStyle, &axis.Tick.Label} {
			style.Font, style.Color, style.Handler = textStyle(10, ink).Font, ink, plain
		}
		axis.Label.TextStyle.Font.Size = 11
		axis.LineStyle.Color, axis.Tick.LineStyle.Color = axisGrey, axisGrey
		axis.Padding = vg.Points(4)
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = faint, faint
	p.Add(grid)
	for _, band := range f.Bands {
		p.Add(bandArea(band))
	}
	for _, line := range f.Lines {
		p.Add(line.plotters()...)
	}
	if f.Bars != nil {
		f.addBars(p)
	} else {
		f.setRange(p)
	}
	return p
}

// setRange leaves some room above and below, and none for a single value, which has no range.
func (f *Figure) setRange(p *plot.Plot) {
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(stepTicks), linearTicks(6)
	if p.X.Min == p.X.Max {
		p.X.Max++
	}
	switch {
	case len(f.Lines)+len(f.Bands) == 0:
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	case f.LogY:
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.TickerFunc(logTicks)
		p.Y.Min, p.Y.Max = p.Y.Min/1.1, p.Y.Max*1.1
	case p.Y.Max > p.Y.Min:
		room := (p.Y.Max - p.Y.Min) * 0.03
		p.Y.Min, p.Y.Max = p.Y.Min-room, p.Y.Max+room
	}
}

// plotters are the line between its gaps, its points if they are few, and crosses where it stops.
func (l *Line) plotters() []plot.Plotter {
	var parts []plot.Plotter
	at := func(i int) plotter.XY { return plotter.XY{X: l.X[i], Y: l.Y[i]} }
	var points, stops plotter.XYs
	for _, piece := range l.pieces() {
		var between plotter.XYs
		for i := piece[0]; i < piece[1]; i++ {
			between = append(between, at(i))
		}
		points = append(points, between...)
		parts = append(parts, &plotter.Line{XYs: between, LineStyle: l.style()})
	}
	if l.dots() {
		parts = append(parts, &plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: l.Color, Radius: vg.Points(2.6), Shape: draw.CircleGlyph{}}})
	}
	for _, i := range l.stops() {
		stops = append(stops, at(i))
	}
	if len(stops) > 0 {
		parts = append(parts, &plotter.Scatter{XYs: stops, GlyphStyle: draw.GlyphStyle{Color: l.Color, Radius: vg.Points(5), Shape: draw.CrossGlyph{}}})
	}
	return parts
}

func (l *Line) style() draw.LineStyle {
	width := vg.Points(1.8)
	if l.Thin {
		width = vg.Points(1)
	}
	dashes := [][]vg.Length{nil, {6, 3}, {1.5, 2.5}, {8, 3, 1.5, 3}}
	return draw.LineStyle{Color: l.Color, Width: width, Dashes: dashes[l.Dash%len(dashes)]}
}

func bandArea(band Band) plot.Plotter {
	var outline plotter.XYs
	for i, step := range band.Steps {
		outline = append(outline, plotter.XY{X: step, Y: band.High[i]})
	}
	for i := len(band.Steps) - 1; i >= 0; i-- {
		outline = append(outline, plotter.XY{X: band.Steps[i], Y: band.Low[i]})
	}
	return &plotter.Polygon{XYs: []plotter.XYs{outline}, Color: bandGrey}
}
