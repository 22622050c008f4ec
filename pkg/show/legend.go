package show

import (
	"fmt"
	"image/color"
	"math"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	sideMargin   = 14 * vg.Length(1)
	legendHeight = 16 * vg.Length(1)
	noteHeight   = 13 * vg.Length(1)
	sampleWidth  = 24 * vg.Length(1)
)

// legendEntry is a label with the line, or the area, that it stands for.
type legendEntry struct {
	label string
	line  *Line // nil for a band
}

func (f *Figure) legend() []legendEntry {
	var entries []legendEntry
	for _, band := range f.Bands {
		entries = append(entries, legendEntry{label: band.Label})
	}
	for i := range f.Lines {
		entries = append(entries, legendEntry{f.Lines[i].Label, &f.Lines[i]})
	}
	return entries
}

func (e legendEntry) width() vg.Length {
	return sampleWidth + 6 + textStyle(10, ink).Width(e.label) + 18
}

// legendRows breaks the entries into rows of at most a width.
func legendRows(entries []legendEntry, width vg.Length) [][]legendEntry {
	var rows [][]legendEntry
	used := width
	for _, entry := range entries {
		entry.label = fit(entry.label, 10, width-sampleWidth-24)
		if used+entry.width() > width {
			rows, used = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], entry)
		used += entry.width()
	}
	return rows
}

// drawLegendRow centers a row of the legend at a height.
func drawLegendRow(canvas draw.Canvas, row []legendEntry, y vg.Length) {
	x := figureWidth/2 + 9
	for _, entry := range row {
		x -= entry.width() / 2
	}
	style := textStyle(10, ink)
	style.YAlign = text.YCenter
	for _, entry := range row {
		if entry.line == nil {
			canvas.FillPolygon(bandGrey, []vg.Point{{X: x, Y: y - 4}, {X: x + sampleWidth, Y: y - 4}, {X: x + sampleWidth, Y: y + 4}, {X: x, Y: y + 4}})
		} else {
			canvas.StrokeLine2(entry.line.style(), x, y, x+sampleWidth, y)
		}
		canvas.FillText(style, vg.Point{X: x + sampleWidth + 6, Y: y}, entry.label)
		x += entry.width()
	}
}

// plain writes text as it is, in the Go font, which the program carries along.
var plain = func() text.Plain {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return text.Plain{Fonts: font.NewCache(font.Collection{{Font: font.Font{Typeface: "Go"}, Face: parsed}})}
}()

func textStyle(size vg.Length, with color.Color) text.Style {
	return text.Style{Color: with, Font: font.Font{Typeface: "Go", Size: size}, Handler: plain}
}

// fit cuts a text that is too wide.
func fit(label string, size, width vg.Length) string {
	style := textStyle(size, ink)
	if style.Width(label) <= width {
		return label
	}
	runes := []rune(label)
	for len(runes) > 1 && style.Width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// logTicks marks 1 to 9 in each power of ten and writes what there is room for: all over less than a
// power of ten, 1, 2 and 5 over two, else the powers alone.
func logTicks(low, high float64) []plot.Tick {
	powers := math.Log10(high / low)
	if powers < 0.5 {
		return plot.DefaultTicks{}.Ticks(low, high)
	}
	every := max(1, math.Round(powers/8)) // powers of ten between two labels
	var ticks []plot.Tick
	for power := math.Floor(math.Log10(low)); power <= math.Ceil(math.Log10(high)); power++ {
		for digit := 1.0; digit < 10; digit++ {
			value := digit * math.Pow(10, power)
			if value < low || value > high {
				continue
			}
			tick := plot.Tick{Value: value}
			if (digit == 1 && math.Mod(power, every) == 0) || powers < 1 || (powers < 2.5 && (digit == 2 || digit == 5)) {
				tick.Label = fmt.Sprintf("%.4g", value)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}
