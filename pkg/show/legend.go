package show

import (
	"image/color"

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
var plain = text.Plain{Fonts: font.NewCache(font.Collection{{Font: font.Font{Typeface: "Go"}, Face: goFont()}})}

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
