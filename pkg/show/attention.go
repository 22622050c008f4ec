package show

import (
	"fmt"
	"image"
	"image/color"
)

// Attention draws a picture and then once for each head how much the head looks at each patch:
// weights holds for each head one number per patch, in row-major order. Each head has a scale of its
// own; the largest weight is written above.
func Attention(picture image.Image, weights [][]float64, rows, columns int) image.Image {
	const side, margin, label, most = 164, 12, 24, 5
	lines := (len(weights) + most) / most // the picture itself comes first
	across := (len(weights) + lines) / lines
	c := newCanvas(margin+across*(side+margin), margin+lines*(side+margin+label))
	for i := range len(weights) + 1 {
		x, y := margin+i%across*(side+margin), margin+i/across*(side+margin+label)
		area := inside(image.Rect(x, y+label, x+side, y+label+side), picture.Bounds())
		if i == 0 {
			c.text(x, y+16, 14, ink, "the picture")
			c.place(picture, area)
			c.outline(area, faint)
			continue
		}
		name := fmt.Sprintf("head %d", i)
		c.text(x, y+16, 14, ink, name)
		largest := c.heatOver(area, picture, weights[i-1], rows, columns)
		c.text(x+textWidth(14, name)+8, y+16, 12, noteGrey, "up to "+cellText(largest))
	}
	return c.NRGBA
}

// AttentionOverImage draws a picture beside the same picture under one map of weights, one number per
// patch in row-major order, with the scale.
func AttentionOverImage(picture image.Image, weights []float64, rows, columns int) image.Image {
	const side, margin = 336, 16
	c := newCanvas(3*margin+2*side, 2*margin+side+30)
	plain := inside(image.Rect(margin, margin, margin+side, margin+side), picture.Bounds())
	c.place(picture, plain)
	c.outline(plain, faint)
	area := plain.Add(image.Pt(side+margin, 0))
	largest := c.heatOver(area, picture, weights, rows, columns)

	const width, height = 160, 12
	y := margin + side + 12
	high := cellText(largest)
	x := area.Max.X - textWidth(13, high) - 8 - width
	c.text(x-16, y+height-1, 13, noteGrey, "0")
	for i := range width {
		c.fill(image.Rect(x+i, y, x+i+1, y+height), glow(float64(i)/(width-1)))
	}
	c.text(x+width+8, y+height-1, 13, noteGrey, high)
	return c.NRGBA
}

// heatOver draws a picture in grey with a colour over each patch, stronger for a larger weight, and
// returns the largest weight.
func (c canvas) heatOver(area image.Rectangle, picture image.Image, weights []float64, rows, columns int) float64 {
	if len(weights) != rows*columns {
		panic(fmt.Sprintf("show: %d attention weights for %d x %d patches", len(weights), rows, columns))
	}
	largest := 0.0
	for _, weight := range weights {
		if finite(weight) {
			largest = max(largest, weight)
		}
	}
	c.place(picture, area)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			row, column := (y-area.Min.Y)*rows/area.Dy(), (x-area.Min.X)*columns/area.Dx()
			part := 0.0
			if weight := weights[row*columns+column]; largest > 0 && finite(weight) {
				part = max(0, weight/largest)
			}
			grey := color.GrayModel.Convert(c.At(x, y)).(color.Gray).Y
			pale := mix(color.NRGBA{grey, grey, grey, 255}, color.NRGBA{255, 255, 255, 255}, 0.35)
			c.Set(x, y, mix(pale, glow(part), 0.15+0.6*part))
		}
	}
	c.outline(area, faint)
	return largest
}

// glow goes from pale yellow at 0 over orange to dark red at 1.
func glow(part float64) color.NRGBA {
	colors := []color.NRGBA{{0xff, 0xf7, 0xdc, 0xff}, {0xfd, 0xc2, 0x57, 0xff}, {0xe8, 0x6a, 0x17, 0xff}, {0xa8, 0x14, 0x1c, 0xff}}
	at := part * float64(len(colors)-1)
	low := min(int(at), len(colors)-2)
	return mix(colors[low], colors[low+1], at-float64(low))
}
