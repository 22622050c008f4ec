package show

import (
	"bytes"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

const (
	figureWidth  = 9 * vg.Inch
	figureHeight = 4.4 * vg.Inch
)

// PNG is the figure as a picture, 900x440 pixels.
func (f *Figure) PNG() []byte {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = f.Title, f.XTitle, f.YTitle
	p.Title.Padding = vg.Points(8)
	p.Legend.Top, p.Legend.Padding = true, vg.Points(2)
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = faint, faint
	p.Add(grid)
	if f.LogY && (len(f.Lines) > 0 || len(f.Bands) > 0) {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	for _, band := range f.Bands {
		f.addBand(p, band)
	}
	for _, line := range f.Lines {
		points := make(plotter.XYs, len(line.X))
		for i := range points {
			points[i] = plotter.XY{X: line.X[i], Y: line.Y[i]}
		}
		drawn, err := plotter.NewLine(points)
		if err != nil {
			panic(err) // the values were checked when they were added
		}
		drawn.Color, drawn.Width = line.Color, vg.Points(1.8)
		p.Add(drawn)
		p.Legend.Add(line.Label, drawn)
	}
	if f.Bars != nil {
		f.addBars(p)
	}
	canvas := vgimg.NewWith(vgimg.UseWH(figureWidth, figureHeight), vgimg.UseDPI(100), vgimg.UseBackgroundColor(color.White))
	p.Draw(draw.Crop(draw.New(canvas), vg.Points(6), -vg.Points(14), vg.Points(6), -vg.Points(8)))
	var out bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&out); err != nil {
		panic(err) // writing to memory does not fail
	}
	return out.Bytes()
}

func (f *Figure) addBand(p *plot.Plot, band Band) {
	var outline plotter.XYs
	for i, step := range band.Steps {
		outline = append(outline, plotter.XY{X: step, Y: band.High[i]})
	}
	for i := len(band.Steps) - 1; i >= 0; i-- {
		outline = append(outline, plotter.XY{X: band.Steps[i], Y: band.Low[i]})
	}
	area, err := plotter.NewPolygon(outline)
	if err != nil {
		panic(err) // a band's values are finite
	}
	area.Color, area.LineStyle.Width = bandGrey, 0
	p.Add(area)
	p.Legend.Add(band.Label, area)
}

func (f *Figure) addBars(p *plot.Plot) {
	bars, err := plotter.NewBarChart(plotter.Values(f.Bars.Values), figureWidth*0.6/vg.Length(len(f.Bars.Values)))
	if err != nil {
		panic(err) // there is at least one value
	}
	bars.Color, bars.LineStyle.Width = palette[0], 0
	p.Add(bars)
	p.Y.Min = min(0, p.Y.Min)
	p.NominalX(f.Bars.Labels...)
}
