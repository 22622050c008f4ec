package show

import (
	"fmt"
	"image"
	"image/color"
)

// Matrix draws numbers from 0 to 1 as a heat map with a label for each row and column; small ones
// have their numbers written into the cells.
func Matrix(title string, rows, columns []string, values [][]float64) image.Image {
	const margin, top = 16, 34
	cell := max(10, min(56, 640/max(1, len(columns))))
	left := margin
	for _, label := range rows {
		left = max(left, 2*margin+textWidth(13, label))
	}
	c := newCanvas(max(left+len(columns)*cell+margin, textWidth(16, title)+2*margin), top+22+len(rows)*cell+margin)
	c.text(margin, 24, 16, ink, title)
	for j, label := range columns {
		c.centered(left+j*cell+cell/2, top+14, 13, ink, label)
	}
	for i, row := range values {
		y := top + 22 + i*cell
		c.text(left-8-textWidth(13, rows[i]), y+cell/2+5, 13, ink, rows[i])
		for j, value := range row {
			x := left + j*cell
			c.fill(image.Rect(x, y, x+cell-1, y+cell-1), heat(value))
			if cell >= 36 {
				c.centered(x+cell/2, y+cell/2+5, 12, contrast(value), fmt.Sprintf("%.2g", value))
			}
		}
	}
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

// heat goes from a light grey at 0 to the palette's blue at 1.
func heat(value float64) color.NRGBA {
	value = max(0, min(1, value))
	mix := func(from, to uint8) uint8 { return uint8(float64(from) + value*(float64(to)-float64(from)) + 0.5) }
	light, dark := color.NRGBA{0xf2, 0xf2, 0xf2, 0xff}, palette[0]
	return color.NRGBA{mix(light.R, dark.R), mix(light.G, dark.G), mix(light.B, dark.B), 255}
}

func contrast(value float64) color.NRGBA {
	if value > 0.5 {
		return color.NRGBA{255, 255, 255, 255}
	}
	return ink
}
