package show

import (
	"fmt"
	"image"
	"image/color"
)

// Patches draws a picture and, beside it, the square patches that it is cut into, numbered in the
// order in which the model reads them.
func Patches(picture image.Image, patchSize int) image.Image {
	const height, gap, margin = 384, 6, 16
	bounds := picture.Bounds()
	rows, columns := bounds.Dy()/patchSize, bounds.Dx()/patchSize
	side := (height - (rows-1)*gap) / rows
	c := newCanvas(3*margin+height+columns*(side+gap)-gap, height+2*margin)
	c.place(picture, image.Rect(margin, margin, margin+height, margin+height))
	for i := range rows * columns {
		row, column := i/columns, i%columns
		x, y := 2*margin+height+column*(side+gap), margin+row*(side+gap)
		from := bounds.Min.Add(image.Pt(column*patchSize, row*patchSize))
		c.place(crop(picture, image.Rectangle{from, from.Add(image.Pt(patchSize, patchSize))}), image.Rect(x, y, x+side, y+side))
		number := fmt.Sprint(i)
		c.fill(image.Rect(x, y, x+textWidth(12, number)+6, y+15), color.NRGBA{255, 255, 255, 200})
		c.text(x+3, y+12, 12, ink, number)
	}
	return c.NRGBA
}

func crop(picture image.Image, area image.Rectangle) image.Image {
	part := image.NewNRGBA(image.Rect(0, 0, area.Dx(), area.Dy()))
	for y := range area.Dy() {
		for x := range area.Dx() {
			part.Set(x, y, picture.At(area.Min.X+x, area.Min.Y+y))
		}
	}
	return part
}
