package show

import (
	"image"
	"image/color"
)

// Captioned is a picture with the caption that it has and the one that a model wrote.
type Captioned struct {
	Picture   image.Image
	Truth     string // may be empty
	Generated string // may be empty
}

// ContactSheet draws pictures in a grid; under each its true caption and the generated one, green
// where they agree.
func ContactSheet(items []Captioned, columns int) image.Image {
	const side, margin, size, lineHeight = 144, 18, 13.0, 17
	columns = max(1, min(columns, len(items)))
	bottoms := []int{margin} // where each row ends
	for start := 0; start < len(items); start += columns {
		lines := 0
		for _, item := range items[start:min(start+columns, len(items))] {
			lines = max(lines, len(captionLines(item, size, side)))
		}
		bottoms = append(bottoms, bottoms[len(bottoms)-1]+side+10+lines*lineHeight+margin)
	}
	c := newCanvas(margin+columns*(side+margin), bottoms[len(bottoms)-1])
	for i, item := range items {
		x, y := margin+i%columns*(side+margin), bottoms[i/columns]
		frame := image.Rect(x, y, x+side, y+side)
		if item.Picture != nil {
			c.place(item.Picture, inside(frame, item.Picture.Bounds()))
		}
		c.outline(frame, faint)
		for j, line := range captionLines(item, size, side) {
			c.text(x, y+side+10+(j+1)*lineHeight-4, size, line.color, line.text)
		}
	}
	return c.NRGBA
}

// inside is the largest area of a picture's proportions in the middle of a frame.
func inside(frame, picture image.Rectangle) image.Rectangle {
	width, height := frame.Dx(), frame.Dy()
	if picture.Dx() > picture.Dy() {
		height = max(1, width*picture.Dy()/picture.Dx())
	} else {
		width = max(1, height*picture.Dx()/max(1, picture.Dy()))
	}
	corner := frame.Min.Add(image.Pt((frame.Dx()-width)/2, (frame.Dy()-height)/2))
	return image.Rectangle{corner, corner.Add(image.Pt(width, height))}
}

type captionLine struct {
	text  string
	color color.NRGBA
}

// captionLines are the lines under a picture: the truth, then what was generated.
func captionLines(item Captioned, size float64, width int) []captionLine {
	var lines []captionLine
	add := func(text string, with color.NRGBA) {
		for _, line := range wrap(text, size, width) {
			lines = append(lines, captionLine{line, with})
		}
	}
	if item.Truth != "" {
		add(item.Truth, ink)
	}
	switch {
	case item.Generated == "":
	case item.Truth == "":
		add(item.Generated, ink)
	case item.Generated == item.Truth:
		add("= "+item.Generated, good)
	default:
		add("≠ "+item.Generated, bad)
	}
	return lines
}
