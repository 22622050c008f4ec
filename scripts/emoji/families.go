package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/disintegration/imaging"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
	"github.com/srwiley/oksvg"
	"github.com/srwiley/rasterx"
	"golang.org/x/image/math/fixed"
)

// errNotDrawn says that a family has no drawing of an emoji.
var errNotDrawn = errors.New("not drawn")

const variationSelector = "\ufe0f" // asks for a picture instead of a sign; file names often lack it

// openNoto draws with the pictures inside the font Noto Color Emoji.
func openNoto(path string) (func(string) (image.Image, error), error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	face, err := font.ParseTTF(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var shaper shaping.HarfbuzzShaper
	return func(emoji string) (image.Image, error) {
		text := []rune(emoji)
		run := shaper.Shape(shaping.Input{Text: text, RunEnd: len(text), Face: face, Size: fixed.I(128), Direction: di.DirectionLTR})
		// A sequence that the font does not know comes out as several glyphs.
		if len(run.Glyphs) != 1 {
			return nil, errNotDrawn
		}
		bitmap, found := face.GlyphDataBitmap(run.Glyphs[0].GlyphID)
		if !found || bitmap.Format != font.PNG {
			return nil, errNotDrawn
		}
		return png.Decode(bytes.NewReader(bitmap.Data))
	}, nil
}

// openmoji draws SVG files named like 1F34E.svg.
func openmoji(folder string) func(string) (image.Image, error) {
	return func(emoji string) (image.Image, error) {
		content, err := readDrawing(folder, emoji, "%04X", ".svg")
		if err != nil {
			return nil, err
		}
		icon, err := oksvg.ReadIconStream(bytes.NewReader(separateArcs(content)), oksvg.IgnoreErrorMode)
		if err != nil {
			return nil, err
		}
		const size = 288
		icon.SetTarget(0, 0, size, size)
		// SetTarget scales the paths but neither the width of their lines nor the dashes.
		scale := size / icon.ViewBox.W
		for i := range icon.SVGPaths {
			path := &icon.SVGPaths[i]
			path.LineWidth *= scale
			for j := range path.Dash {
				path.Dash[j] *= scale
			}
		}
		canvas := image.NewRGBA(image.Rect(0, 0, size, size))
		icon.Draw(rasterx.NewDasher(size, size, rasterx.NewScannerGV(size, size, canvas, canvas.Bounds())), 1)
		return canvas, nil
	}
}

// twemoji reads PNG files named like 1f34e.png.
func twemoji(folder string) func(string) (image.Image, error) {
	return func(emoji string) (image.Image, error) {
		content, err := readDrawing(folder, emoji, "%x", ".png")
		if err != nil {
			return nil, err
		}
		return png.Decode(bytes.NewReader(content))
	}
}

// readDrawing finds the file of an emoji, with or without variation selectors in its name.
func readDrawing(folder, emoji, format, extension string) ([]byte, error) {
	for _, spelling := range []string{emoji, strings.ReplaceAll(emoji, variationSelector, "")} {
		var codes []string
		for _, r := range spelling {
			codes = append(codes, fmt.Sprintf(format, r))
		}
		content, err := os.ReadFile(filepath.Join(folder, strings.Join(codes, "-")+extension))
		if !errors.Is(err, fs.ErrNotExist) {
			return content, err
		}
	}
	return nil, errNotDrawn
}

// onPaper trims the transparent margin, fits the drawing into 88 of 96 pixels and lays it on white.
func onPaper(drawn image.Image) image.Image {
	const size, inner = 96, 88
	fitted := imaging.Fit(enlarge(imaging.Crop(drawn, opaqueArea(drawn)), inner), inner, inner, imaging.Lanczos)
	paper := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.Draw(paper, paper.Rect, image.White, image.Point{}, draw.Src)
	at := image.Pt((size-fitted.Rect.Dx())/2, (size-fitted.Rect.Dy())/2)
	draw.Draw(paper, fitted.Rect.Add(at), fitted, image.Point{}, draw.Over)
	return paper
}

// enlarge makes the longer side of a small picture side pixels long.
func enlarge(picture *image.NRGBA, side int) *image.NRGBA {
	if max(picture.Rect.Dx(), picture.Rect.Dy()) >= side {
		return picture
	}
	if picture.Rect.Dx() >= picture.Rect.Dy() {
		return imaging.Resize(picture, side, 0, imaging.Lanczos)
	}
	return imaging.Resize(picture, 0, side, imaging.Lanczos)
}

// opaqueArea is the smallest rectangle with everything that can be seen.
func opaqueArea(picture image.Image) image.Rectangle {
	area := image.Rectangle{}
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if color.AlphaModel.Convert(picture.At(x, y)).(color.Alpha).A > 8 {
				area = area.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if area.Empty() {
		return bounds
	}
	return area
}
