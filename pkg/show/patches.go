package show

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
)

// Patches draws a picture and, beside it, the square patches that it is cut into, numbered in the
// order in which the model reads them. Pixels that fill no patch are pale: the model does not see them.
func Patches(picture image.Image, patchSize int) image.Image {
	const width, height, margin, arrow = 780, 384, 16, 56 // the largest of both pictures together
	bounds := picture.Bounds()
	if patchSize < 1 || patchSize > min(bounds.Dx(), bounds.Dy()) {
		panic(fmt.Sprintf("show.Patches: a patch of %d x %d pixels does not fit into a picture of %d x %d", patchSize, patchSize, bounds.Dx(), bounds.Dy()))
	}
	rows, columns := bounds.Dy()/patchSize, bounds.Dx()/patchSize
	gap := max(1, min(6, 48/max(rows, columns)))
	// Left and right have one scale, so that a patch can be found again.
	step := max(3, min(height*patchSize/bounds.Dy(), width*patchSize/(bounds.Dx()+columns*patchSize)))
	side := step - gap
	cutWidth, cutHeight := columns*step-gap, rows*step-gap
	whole := image.Rect(0, 0, bounds.Dx()*step/patchSize, bounds.Dy()*step/patchSize).Add(image.Pt(margin, margin))
	right := whole.Max.X + arrow
	c := newCanvas(right+cutWidth+margin, 2*margin+max(whole.Dy(), cutHeight))
	c.place(picture, whole)
	c.grid(whole, patchSize, bounds.Size())
	c.arrow(whole.Max.X+12, right-12, margin+cutHeight/2)
	size := min(12, float64(side)/2.7)
	for i := range rows * columns {
		row, column := i/columns, i%columns
		x, y := right+column*step, margin+row*step
		from := bounds.Min.Add(image.Pt(column*patchSize, row*patchSize))
		c.place(crop(picture, image.Rectangle{from, from.Add(image.Pt(patchSize, patchSize))}), image.Rect(x, y, x+side, y+side))
		c.outline(image.Rect(x, y, x+side, y+side), faint)
		if number := fmt.Sprint(i); size >= 8 {
			chip := image.Rect(x, y, x+textWidth(size, number)+6, y+int(size)+3)
			c.fill(chip, color.NRGBA{255, 255, 255, 215})
			c.text(x+3, y+int(size), size, ink, number)
		}
	}
	return c.NRGBA
}

// grid draws where a picture is cut and makes pale what is left over.
func (c canvas) grid(area image.Rectangle, patchSize int, size image.Point) {
	white := color.NRGBA{255, 255, 255, 190}
	right, bottom := size.X/patchSize*patchSize, size.Y/patchSize*patchSize
	atX := func(pixel int) int { return area.Min.X + pixel*area.Dx()/size.X }
	atY := func(pixel int) int { return area.Min.Y + pixel*area.Dy()/size.Y }
	for x := patchSize; x < size.X; x += patchSize {
		c.fill(image.Rect(atX(x)-1, area.Min.Y, atX(x)+1, area.Max.Y), white)
		c.fill(image.Rect(atX(x), area.Min.Y, atX(x)+1, area.Max.Y), axisGrey)
	}
	for y := patchSize; y < size.Y; y += patchSize {
		c.fill(image.Rect(area.Min.X, atY(y)-1, area.Max.X, atY(y)+1), white)
		c.fill(image.Rect(area.Min.X, atY(y), area.Max.X, atY(y)+1), axisGrey)
	}
	c.fill(image.Rect(atX(right), area.Min.Y, area.Max.X, area.Max.Y), white)
	c.fill(image.Rect(area.Min.X, atY(bottom), atX(right), area.Max.Y), white)
	c.outline(area, faint)
}

// arrow points from one x to another.
func (c canvas) arrow(from, to, y int) {
	c.fill(image.Rect(from, y-1, to-8, y+2), axisGrey)
	for i := range 11 {
		c.fill(image.Rect(to-11+i, y-(10-i)/2, to-10+i, y+(10-i)/2+1), axisGrey)
	}
}

func crop(picture image.Image, area image.Rectangle) image.Image {
	part := image.NewNRGBA(image.Rect(0, 0, area.Dx(), area.Dy()))
	draw.Draw(part, part.Rect, picture, area.Min, draw.Src)
	return part
}
