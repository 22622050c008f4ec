package show

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// Matrix draws numbers as a heat map with a label for each row and column; a small one has its
// numbers written into the cells. The scale goes from 0 to the largest value; values below zero are
// orange. Cells that are not finite, such as masked scores, are grey. Labels may be nil.
func Matrix(title string, rows, columns []string, values [][]float64) image.Image {
	g := newGrid(title, rows, columns, values)
	c := newCanvas(g.width, g.height)
	c.text(g.margin, 26, 16, ink, title)
	for j := range g.columns {
		g.labelColumn(c, j)
	}
	for i, row := range values {
		y := g.top + i*g.cell
		if label := g.label(rows, i); i%g.every == 0 {
			c.text(g.left-8-textWidth(g.size, label), y+(g.cell+int(g.size))/2-2, g.size, ink, label)
		}
		for j, value := range row {
			x := g.left + j*g.cell
			c.fill(image.Rect(x, y, x+g.cell-g.gap, y+g.cell-g.gap), heat(value/g.largest))
			if g.cell >= 36 {
				c.centered(x+g.cell/2, y+g.cell/2+4, 12, contrast(value/g.largest), cellText(value))
			}
		}
	}
	g.scale(c, values)
	return c.NRGBA
}

// CausalMask draws which positions (rows) may look at which (columns).
func CausalMask(tokens []string) image.Image {
	values := make([][]float64, len(tokens))
	for i := range values {
		values[i] = make([]float64, len(tokens))
		for j := 0; j <= i; j++ {
			values[i][j] = 1
		}
	}
	return Matrix("who (row) may look at whom (column)", tokens, tokens, values)
}

// grid is where the parts of a matrix are, in pixels.
type grid struct {
	margin, left, top, width, height int
	cell, gap                        int
	columns, every                   int // one label in so many is written
	size                             float64
	upright                          bool // whether the columns' labels have to stand
	labels                           []string
	largest                          float64
}

func newGrid(title string, rows, columns []string, values [][]float64) grid {
	g := grid{margin: 16, labels: columns, gap: 1}
	for _, row := range values {
		g.columns = max(g.columns, len(row))
		for _, value := range row {
			if finite(value) {
				g.largest = max(g.largest, math.Abs(value))
			}
		}
	}
	if g.largest == 0 {
		g.largest = 1
	}
	g.cell = max(4, min(56, 640/max(1, g.columns, len(values))))
	if g.cell < 12 {
		g.gap = 0
	}
	g.size = float64(max(9, min(13, g.cell-1)))
	g.every = max(1, (10+g.cell-1)/g.cell)
	g.left = g.margin
	for i := range rows {
		g.left = max(g.left, g.margin+8+textWidth(g.size, g.label(rows, i)))
	}
	widest := 0
	for j := range columns {
		widest = max(widest, textWidth(g.size, g.label(columns, j)))
	}
	g.upright = widest+4 > g.cell*g.every
	labelHeight := 22
	if g.upright {
		labelHeight = widest + 10
	}
	if len(columns) == 0 {
		labelHeight = 4
	}
	g.top = 36 + labelHeight
	g.width = max(g.left+g.columns*g.cell+g.margin, g.margin+textWidth(16, title)+g.margin, g.left+240)
	g.height = g.top + len(values)*g.cell + 46
	return g
}

func (g grid) labelColumn(c canvas, j int) {
	label := g.label(g.labels, j)
	x := g.left + j*g.cell + g.cell/2
	switch {
	case j%g.every != 0:
	case g.upright:
		c.upright(x+int(g.size)/2-2, g.top-6, g.size, ink, label)
	default:
		c.centered(x, g.top-7, g.size, ink, label)
	}
}

// scale draws what the colours mean.
func (g grid) scale(c canvas, values [][]float64) {
	low := 0.0
	for _, row := range values {
		for _, value := range row {
			if finite(value) && value < 0 {
				low = -1
			}
		}
	}
	const width, height = 120, 10
	y := g.height - 26
	from, to := cellText(low*g.largest), cellText(g.largest)
	x := g.left + textWidth(12, from) + 6
	c.text(g.left, y+height, 12, noteGrey, from)
	for i := range width {
		c.fill(image.Rect(x+i, y, x+i+1, y+height), heat(low+(1-low)*float64(i)/(width-1)))
	}
	c.outline(image.Rect(x, y, x+width, y+height), faint)
	c.text(x+width+6, y+height, 12, noteGrey, to)
}

// label is the name of a row or column; where there is little room a space is a dot.
func (g grid) label(labels []string, i int) string {
	switch {
	case i >= len(labels):
		return ""
	case labels[i] == " " && g.cell < 36:
		return "·"
	}
	return visible(labels[i])
}

// cellText writes a number as short as it can be read.
func cellText(value float64) string {
	switch magnitude := math.Abs(value); {
	case math.IsInf(value, -1):
		return "-∞"
	case math.IsInf(value, 1):
		return "∞"
	case value == math.Trunc(value) && magnitude < 1e4:
		return fmt.Sprintf("%.0f", value)
	case magnitude < 0.005:
		return fmt.Sprintf("%.0e", value)
	case magnitude < 10:
		return fmt.Sprintf("%.2f", value)
	}
	return fmt.Sprintf("%.3g", value)
}

// heat goes from white at 0 to the palette's blue at 1 and to its orange at -1.
func heat(value float64) color.NRGBA {
	if !finite(value) {
		return color.NRGBA{0xd0, 0xd0, 0xd0, 0xff}
	}
	dark := palette[0]
	if value < 0 {
		dark = palette[1]
	}
	// The root tells small weights apart, of which attention has many.
	return mix(color.NRGBA{0xf4, 0xf5, 0xf7, 0xff}, dark, min(1, math.Sqrt(math.Abs(value))))
}

// mix goes from one colour to another as part goes from 0 to 1.
func mix(from, to color.NRGBA, part float64) color.NRGBA {
	channel := func(from, to uint8) uint8 { return uint8(float64(from) + part*(float64(to)-float64(from)) + 0.5) }
	return color.NRGBA{channel(from.R, to.R), channel(from.G, to.G), channel(from.B, to.B), channel(from.A, to.A)}
}

func contrast(value float64) color.NRGBA {
	if math.Abs(value) > 0.35 && finite(value) {
		return color.NRGBA{255, 255, 255, 255}
	}
	return ink
}
