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
	lines := 1
	for _, item := range items {
		lines = max(lines, len(captionLines(item, size, side)))
	}
	rowHeight := side + 8 + lines*lineHeight + margin
	rows := (len(items) + columns - 1) / columns
	c := newCanvas(margin+columns*(side+margin), margin+rows*rowHeight)
	for i, item := range items {
		x, y := margin+i%columns*(side+margin), margin+i/columns*rowHeight
		c.fill(image.Rect(x-1, y-1, x+side+1, y+side+1), faint)
		c.place(item.Picture, image.Rect(x, y, x+side, y+side))
		for j, line := range captionLines(item, size, side) {
			c.text(x, y+side+8+(j+1)*lineHeight-4, size, line.color, line.text)
		}
	}
	return c.NRGBA
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
