// Command diagrams draws the notebooks' maps of the model: the same picture once for each stage of
// the walkthrough, with the parts that are built in colour.
//
//	go run ./scripts/diagrams notebooks/images
package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/srwiley/rasterx"

	"seemore/pkg/show"
)

// part is one box of the map.
type part struct {
	name, shape string // what it is and what comes out of it
	x, y, w, h  float64
	color       color.NRGBA
	stage       int // the stage of the walkthrough that builds it
}

// The image runs down the left side, the text down the right; they meet in the decoder.
var parts = []part{
	{"picture", "96 x 96 x 3", 40, 30, 230, 54, show.ColorVision, 0},
	{"patch embedding", "36 patches x 512", 40, 110, 230, 54, show.ColorVision, 1},
	{"[CLS] + positions", "37 x 512", 40, 190, 230, 54, show.ColorVision, 4},
	{"encoder blocks x 3", "37 x 512", 40, 270, 230, 54, show.ColorVision, 3},
	{"norm of [CLS]", "512", 40, 350, 230, 54, show.ColorVision, 4},
	{"projector", "one visual token, 128", 325, 350, 230, 54, show.ColorProjector, 5},
	{"text so far", "A small red ho", 610, 30, 230, 54, show.ColorDecoder, 0},
	{"token embedding", "T x 128", 610, 110, 230, 54, show.ColorDecoder, 6},
	{"visual token + text", "(1+T) x 128, + positions", 610, 190, 230, 54, show.ColorDecoder, 6},
	{"decoder blocks x 8", "(1+T) x 128", 610, 270, 230, 54, show.ColorDecoder, 3},
	{"norm, linear", "scores for 66 characters", 610, 350, 230, 54, show.ColorDecoder, 6},
	{"next character", "u", 610, 430, 230, 54, show.ColorDecoder, 6},
}

// arrows join boxes by their numbers, bottom to top or, from the projector, side to side.
var arrows = [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {6, 7}, {7, 8}, {8, 9}, {9, 10}, {10, 11}}

const width, height, stages = 880, 510, 7

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: diagrams FOLDER")
		os.Exit(1)
	}
	pictures := map[string]image.Image{"moe_1.png": drawMixtureModel(), "moe_2.png": drawMixture()}
	for stage := range stages {
		pictures[fmt.Sprintf("map_%d.png", stage)] = draw(parts, stage)
	}
	for name, picture := range pictures {
		if err := save(filepath.Join(os.Args[1], name), picture); err != nil {
			fmt.Fprintln(os.Stderr, "diagrams:", err)
			os.Exit(1)
		}
	}
}

// newPicture is a white picture and a pen for it.
func newPicture() (*image.RGBA, *rasterx.Filler) {
	canvas := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range canvas.Pix {
		canvas.Pix[i] = 255
	}
	return canvas, rasterx.NewFiller(width, height, rasterx.NewScannerGV(width, height, canvas, canvas.Bounds()))
}

var grey = color.NRGBA{0x77, 0x77, 0x77, 0xff}

// draw paints the map with everything up to a stage in colour.
func draw(parts []part, stage int) *image.RGBA {
	canvas, pen := newPicture()
	for _, arrow := range arrows {
		from, to := parts[arrow[0]], parts[arrow[1]]
		line(pen, grey, [2]float64{from.x + from.w/2, from.y + from.h}, [2]float64{to.x + to.w/2, to.y})
	}
	projector, last, joined := parts[5], parts[4], parts[8]
	line(pen, grey, [2]float64{last.x + last.w, last.y + 27}, [2]float64{projector.x, projector.y + 27})
	// Up from the projector and over to where the visual token joins the text.
	middle := projector.x + projector.w/2
	segment(pen, grey, [2]float64{middle, projector.y}, [2]float64{middle, joined.y + 27})
	line(pen, grey, [2]float64{middle, joined.y + 27}, [2]float64{joined.x, joined.y + 27})
	for _, p := range parts {
		p.draw(pen, canvas, p.stage <= stage)
	}
	return canvas
}

func (p part) draw(pen *rasterx.Filler, canvas *image.RGBA, built bool) {
	fill, text := color.NRGBA{0xe8, 0xe8, 0xe8, 0xff}, color.NRGBA{0x66, 0x66, 0x66, 0xff}
	if built {
		fill, text = p.color, color.NRGBA{255, 255, 255, 255}
	}
	pen.SetColor(fill)
	rasterx.AddRoundRect(p.x, p.y, p.x+p.w, p.y+p.h, 8, 8, 0, rasterx.RoundGap, pen)
	pen.Draw()
	pen.Clear()
	write(canvas, gobold.TTF, 16, p.x+p.w/2, p.y+23, text, p.name)
	write(canvas, goregular.TTF, 13, p.x+p.w/2, p.y+42, text, p.shape)
}

// line is a segment with an arrow's head at its end.
func line(pen *rasterx.Filler, with color.NRGBA, from, to [2]float64) {
	segment(pen, with, from, to)
	dx, dy := sign(to[0]-from[0]), sign(to[1]-from[1])
	polygon(pen, with, to, [2]float64{to[0] - 9*dx - 5*dy, to[1] - 9*dy - 5*dx}, [2]float64{to[0] - 9*dx + 5*dy, to[1] - 9*dy + 5*dx})
}

// segment is a horizontal or vertical line, two pixels wide.
func segment(pen *rasterx.Filler, with color.NRGBA, from, to [2]float64) {
	x0, x1 := min(from[0], to[0])-1, max(from[0], to[0])+1
	y0, y1 := min(from[1], to[1])-1, max(from[1], to[1])+1
	polygon(pen, with, [2]float64{x0, y0}, [2]float64{x1, y0}, [2]float64{x1, y1}, [2]float64{x0, y1})
}

func polygon(pen *rasterx.Filler, with color.NRGBA, corners ...[2]float64) {
	pen.SetColor(with)
	for i, corner := range corners {
		point := rasterx.ToFixedP(corner[0], corner[1])
		if i == 0 {
			pen.Start(point)
			continue
		}
		pen.Line(point)
	}
	pen.Stop(true)
	pen.Draw()
	pen.Clear()
}

func write(canvas *image.RGBA, typeface []byte, size, x, y float64, with color.NRGBA, text string) {
	parsed, err := opentype.Parse(typeface)
	if err != nil {
		panic(err) // the font is part of the program
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err)
	}
	left := int(x) - font.MeasureString(face, text).Ceil()/2
	drawer := font.Drawer{Dst: canvas, Src: image.NewUniform(with), Face: face, Dot: fixed.P(left, int(y))}
	drawer.DrawString(text)
}

func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

func save(path string, picture image.Image) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(file, picture); err != nil {
		return err
	}
	return file.Close()
}
