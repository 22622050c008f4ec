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

	"github.com/disintegration/imaging"
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

// ImageOptions says how pictures become pixels.
type ImageOptions struct {
	Size  int // height and width, pixels; the aspect ratio is not kept
	Alpha AlphaRule
}

// maxPixels bounds the size of a picture that is decoded at all.
const maxPixels = 64 << 20

// The originals' normalisation, per channel: that of ImageNet.
var (
	mean      = [3]float32{0.485, 0.456, 0.406}
	deviation = [3]float32{0.229, 0.224, 0.225}
)

// DecodeImage decodes a PNG, JPEG, GIF (first frame) or WebP picture to opaque RGB.
func DecodeImage(content []byte, alpha AlphaRule) (*image.NRGBA, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if errors.Is(err, image.ErrFormat) {
		return nil, fmt.Errorf("is not a picture: expected PNG, JPEG, GIF or WebP, found %d bytes beginning with %q",
			len(content), content[:min(8, len(content))])
	}
	if err != nil {
		return nil, fmt.Errorf("the picture's header is damaged: %w", err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width > maxPixels/config.Height {
		return nil, fmt.Errorf("the %s picture has %dx%d pixels: at most %d million", format, config.Width, config.Height, maxPixels>>20)
	}
	decoded, err := decodeSafely(content)
	if err != nil {
		return nil, fmt.Errorf("the %s picture is truncated or damaged: %w", format, err)
	}
	if alpha == AlphaDrop {
		return dropAlpha(decoded), nil
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, decoded.Bounds().Dx(), decoded.Bounds().Dy()))
	draw.Draw(canvas, canvas.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(canvas, canvas.Rect, decoded, decoded.Bounds().Min, draw.Over)
	return canvas, nil
}

// decodeSafely turns a decoder's panic on hostile bytes into an error.
func decodeSafely(content []byte) (decoded image.Image, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("the decoder gave up: %v", caught)
		}
	}()
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
	case color.Gray16:
		grey := uint8(min(c.Y, 255))
		return color.NRGBA{grey, grey, grey, 255}
	}
	return color.NRGBAModel.Convert(c).(color.NRGBA)
}

// Pixels decodes a picture, resizes it to Size x Size and normalises it.
//
// Shapes:
//   - returns: [height, width, 3], flat, roughly in -2.1 to 2.6
func Pixels(content []byte, options ImageOptions) ([]float32, error) {
	decoded, err := DecodeImage(content, options.Alpha)
	if err != nil {
		return nil, err
	}
	return Normalise(Resize(decoded, options.Size)), nil
}

// Resize scales to size x size, bilinear with antialiasing: at most one grey level from Pillow. Of
// the two passes the one that Pillow does first goes first, since the result between is rounded.
func Resize(picture *image.NRGBA, size int) *image.NRGBA {
	width, height := picture.Rect.Dx(), picture.Rect.Dy()
	if height > size && height-size > 2*(width-size) {
		return imaging.Resize(imaging.Resize(picture, width, size, imaging.Linear), size, size, imaging.Linear)
	}
	return imaging.Resize(imaging.Resize(picture, size, height, imaging.Linear), size, size, imaging.Linear)
}

// Normalise scales pixels to [0, 1], then subtracts the mean and divides by the deviation.
//
// Shapes:
//   - returns: [height, width, 3], flat
func Normalise(picture *image.NRGBA) []float32 {
	pixels := make([]float32, 0, len(picture.Pix)/4*3)
	for i := 0; i < len(picture.Pix); i += 4 {
		for channel := range 3 {
			value := float32(picture.Pix[i+channel]) / 255
			pixels = append(pixels, (value-mean[channel])/deviation[channel])
		}
	}
	return pixels
}

// Unnormalise is the picture that a person can look at again.
func Unnormalise(pixels []float32, size int) *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	for i := range size * size {
		for channel := range 3 {
			value := pixels[3*i+channel]*deviation[channel] + mean[channel]
			picture.Pix[4*i+channel] = uint8(max(0, min(255, value*255+0.5)))
		}
		picture.Pix[4*i+3] = 255
	}
	return picture
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
