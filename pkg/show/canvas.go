package show

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	xdraw "golang.org/x/image/draw"
)

// canvas is a white picture to draw on.
type canvas struct{ *image.NRGBA }

func newCanvas(width, height int) canvas {
	c := canvas{image.NewNRGBA(image.Rect(0, 0, width, height))}
	c.fill(c.Rect, color.NRGBA{255, 255, 255, 255})
	return c
}

func (c canvas) fill(area image.Rectangle, with color.Color) {
	draw.Draw(c, area, image.NewUniform(with), image.Point{}, draw.Over)
}

// outline draws the inner border of an area.
func (c canvas) outline(area image.Rectangle, with color.Color) {
	inner := area.Inset(1)
	for _, side := range []image.Rectangle{
		{area.Min, image.Pt(area.Max.X, inner.Min.Y)}, {image.Pt(area.Min.X, inner.Max.Y), area.Max},
		{image.Pt(area.Min.X, inner.Min.Y), image.Pt(inner.Min.X, inner.Max.Y)}, {image.Pt(inner.Max.X, inner.Min.Y), image.Pt(area.Max.X, inner.Max.Y)},
	} {
		c.fill(side, with)
	}
}

// place draws a picture into an area. Much enlarged it shows its pixels, else it is smooth.
func (c canvas) place(picture image.Image, area image.Rectangle) {
	var scaler xdraw.Scaler = xdraw.CatmullRom
	if area.Dx() >= 3*picture.Bounds().Dx() {
		scaler = xdraw.NearestNeighbor
	}
	scaler.Scale(c, area, picture, picture.Bounds(), draw.Over, nil)
}

// text writes a line whose left end and baseline are at (x, y).
func (c canvas) text(x, y int, size float64, with color.Color, text string) {
	drawer := font.Drawer{Dst: c, Src: image.NewUniform(with), Face: face(size), Dot: fixed.P(x, y)}
	drawer.DrawString(text)
}

// centered writes a line whose middle is at x.
func (c canvas) centered(x, y int, size float64, with color.Color, text string) {
	c.text(x-textWidth(size, text)/2, y, size, with, text)
}

// upright writes a line from (x, y) upwards.
func (c canvas) upright(x, y int, size float64, with color.Color, text string) {
	width, height := textWidth(size, text)+2, int(2*size)
	flat := canvas{image.NewNRGBA(image.Rect(0, 0, width, height))}
	flat.text(0, int(1.4*size), size, with, text)
	turned := image.NewNRGBA(image.Rect(0, 0, height, width))
	for i := range width {
		for j := range height {
			turned.SetNRGBA(j, width-1-i, flat.NRGBAAt(i, j))
		}
	}
	draw.Draw(c, turned.Rect.Add(image.Pt(x-int(1.4*size), y-width)), turned, image.Point{}, draw.Over)
}

func textWidth(size float64, text string) int {
	return font.MeasureString(face(size), text).Ceil()
}

// wrap breaks a text into lines of at most width pixels, between words where it can.
func wrap(text string, size float64, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		joined := strings.TrimSpace(line + " " + word)
		if line != "" && textWidth(size, joined) > width {
			lines, joined = append(lines, line), word
		}
		line = joined
		for textWidth(size, line) > width && len([]rune(line)) > 1 {
			fits := []rune(line)
			for len(fits) > 1 && textWidth(size, string(fits)) > width {
				fits = fits[:len(fits)-1]
			}
			lines, line = append(lines, string(fits)), strings.TrimPrefix(line, string(fits))
		}
	}
	return append(lines, line)
}

var goFont = sync.OnceValue(func() *opentype.Font {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return parsed
})

// face is Go's own sans-serif font at a size in pixels. A face serves one goroutine only.
func face(size float64) font.Face {
	made, err := opentype.NewFace(goFont(), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err) // any size above zero will do
	}
	return made
}

// visible spells out what a label would not show.
func visible(label string) string {
	switch label {
	case " ":
		return "space"
	case "\n":
		return `\n`
	case "\t":
		return `\t`
	}
	return label
}
