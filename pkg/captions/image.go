package captions

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // decoders register themselves
	_ "image/jpeg"
	_ "image/png"

	_ "golang.org/x/image/webp"
)

// AlphaRule says what becomes of transparent pixels.
type AlphaRule string

const (
	// AlphaOverWhite lays the picture on white paper: what a person sees in a browser.
	AlphaOverWhite AlphaRule = "white"
	// AlphaDrop keeps the stored colour and forgets the alpha, as the originals do. Under fully
	// transparent pixels anything may be stored, black more often than not.
	AlphaDrop AlphaRule = "drop"
)

func (a AlphaRule) validate() error {
	switch a {
	case "", AlphaOverWhite, AlphaDrop:
		return nil
	}
	return fmt.Errorf("unknown alpha rule %q: expected %q or %q", string(a), AlphaOverWhite, AlphaDrop)
}

const (
	// maxPixels bounds the size of a picture that is decoded at all.
	maxPixels = 64 << 20
	// A picture of more than fewPixels has a byte for at least every pixelsPerByte of them: PNG, which packs best, cannot do
	// with less. So a short file costs little memory, whatever its header says.
	fewPixels     = 4 << 20
	pixelsPerByte = 8 * 1032
)

// headerOf reads a picture's size and format; an absurd size is an error.
func headerOf(content []byte) (image.Config, string, error) {
	config, format, err := readHeader(content)
	if errors.Is(err, image.ErrFormat) {
		return config, format, fmt.Errorf("is not a picture: expected PNG, JPEG, GIF or WebP, found %d bytes beginning with %q",
			len(content), content[:min(8, len(content))])
	}
	if err != nil {
		return config, format, fmt.Errorf("the picture's header is damaged: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return config, format, fmt.Errorf("the %s picture has %dx%d pixels: at most %d million", format, config.Width, config.Height, maxPixels>>20)
	}
	if pixels := config.Width * config.Height; pixels > fewPixels && pixels > pixelsPerByte*len(content) {
		return config, format, fmt.Errorf("the %s picture is truncated or damaged: %d bytes for %dx%d pixels", format, len(content), config.Width, config.Height)
	}
	return config, format, nil
}

// DecodeImage decodes a PNG, JPEG, GIF (first frame) or WebP picture to opaque RGB, upright as its EXIF orientation says. Any
// bytes give a picture or an error; the header is read first, so that an absurd size costs no memory.
func DecodeImage(content []byte, alpha AlphaRule) (*image.NRGBA, error) {
	if err := alpha.validate(); err != nil {
		return nil, err
	}
	header, format, err := headerOf(content)
	if err != nil {
		return nil, err
	}
	decoded, err := decodeSafely(content)
	if err != nil {
		return nil, fmt.Errorf("the %s picture is truncated or damaged: %w", format, err)
	}
	if format == "gif" {
		decoded = wholeGIF(decoded, header)
	}
	bounds := decoded.Bounds()
	if bounds.Dx() != header.Width || bounds.Dy() != header.Height {
		return nil, fmt.Errorf("the %s picture is damaged: it has %dx%d pixels, its header says %dx%d", format, bounds.Dx(), bounds.Dy(), header.Width, header.Height)
	}
	orientation := orientationOf(content, format)
	if alpha == AlphaDrop {
		return upright(dropAlpha(decoded), orientation), nil
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(canvas, canvas.Rect, decoded, bounds.Min, draw.Over)
	return upright(canvas, orientation), nil
}

// wholeGIF lays a GIF's first frame, which may be a part of it, on its transparent canvas.
func wholeGIF(frame image.Image, header image.Config) image.Image {
	whole := image.Rect(0, 0, header.Width, header.Height)
	if frame.Bounds() == whole {
		return frame
	}
	canvas := image.NewNRGBA(whole)
	draw.Draw(canvas, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return canvas
}

// readHeader reads size and format only.
func readHeader(content []byte) (config image.Config, format string, err error) {
	defer recoverTo(&err)
	return image.DecodeConfig(bytes.NewReader(content))
}

// recoverTo turns a decoder's panic on hostile bytes into an error.
func recoverTo(err *error) {
	if caught := recover(); caught != nil {
		*err = fmt.Errorf("the decoder gave up: %v", caught)
	}
}

func decodeSafely(content []byte) (decoded image.Image, err error) {
	defer recoverTo(&err)
	decoded, _, err = image.Decode(bytes.NewReader(content))
	return decoded, err
}

// dropAlpha is Pillow's convert("RGB"), which the originals use: the stored colour, alpha forgotten;
// 16-bit grey is clipped at 255 rather than shifted.
func dropAlpha(decoded image.Image) *image.NRGBA {
	bounds := decoded.Bounds()
	rgb := image.NewNRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			stored := storedColor(decoded.At(bounds.Min.X+x, bounds.Min.Y+y))
			stored.A = 255
			rgb.SetNRGBA(x, y, stored)
		}
	}
	return rgb
}

func storedColor(c color.Color) color.NRGBA {
	switch c := c.(type) {
	case color.NRGBA:
		return c
	case color.NRGBA64:
		return color.NRGBA{uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8), 255}
	case color.NYCbCrA: // WebP with alpha
		r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
		return color.NRGBA{r, g, b, 255}
	case color.Gray16:
		grey := uint8(min(c.Y, 255))
		return color.NRGBA{grey, grey, grey, 255}
	}
	return color.NRGBAModel.Convert(c).(color.NRGBA)
}

// MustPicture decodes the example's picture for a notebook cell that shows it; it panics on an error.
func (e Example) MustPicture(alpha AlphaRule) *image.NRGBA {
	content, err := e.ImageBytes()
	if err != nil {
		panic(err)
	}
	picture, err := DecodeImage(content, alpha)
	if err != nil {
		panic(fmt.Errorf("%s: %w", e.Source, err))
	}
	return picture
}
