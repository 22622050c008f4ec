package show

import (
	"fmt"
	"image"
	"image/color"
	"slices"
)

// Attention draws a picture once for each head, lit where the head looks: weights holds for each
// head one number per patch, in row-major order.
func Attention(picture image.Image, weights [][]float64, rows, columns int) image.Image {
	const side, margin, across = 180, 14, 4
	down := (len(weights) + across) / across // the picture itself comes first
	c := newCanvas(margin+across*(side+margin), margin+down*(side+margin+20))
	for i := range len(weights) + 1 {
		x, y := margin+i%across*(side+margin), margin+i/across*(side+margin+20)
		area := image.Rect(x, y+20, x+side, y+20+side)
		c.place(picture, area)
		if i == 0 {
			c.text(x, y+14, 14, ink, "the picture")
			continue
		}
		c.text(x, y+14, 14, ink, fmt.Sprintf("head %d", i))
		c.light(area, weights[i-1], rows, columns)
	}
	return c.NRGBA
}

// light darkens an area but for the patches with the largest weights.
func (c canvas) light(area image.Rectangle, weights []float64, rows, columns int) {
	largest := slices.Max(weights)
	for i, weight := range weights {
		row, column := i/columns, i%columns
		patch := image.Rect(
			area.Min.X+column*area.Dx()/columns, area.Min.Y+row*area.Dy()/rows,
			area.Min.X+(column+1)*area.Dx()/columns, area.Min.Y+(row+1)*area.Dy()/rows)
		c.fill(patch, color.NRGBA{0, 0, 0, uint8(210 * (1 - weight/largest))})
	}
}
