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

// place draws a picture into an area, enlarged without smoothing or shrunk with it.
func (c canvas) place(picture image.Image, area image.Rectangle) {
	var scaler xdraw.Scaler = xdraw.NearestNeighbor
	if picture.Bounds().Dx() > area.Dx() {
		scaler = xdraw.CatmullRom
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

var faces sync.Map // size -> font.Face

// face is Go's own sans-serif font at a size in pixels.
func face(size float64) font.Face {
	if known, found := faces.Load(size); found {
		return known.(font.Face)
	}
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	made, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err)
	}
	faces.Store(size, made)
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
