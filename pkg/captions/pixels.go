package captions

import (
	"fmt"
	"image"

	"github.com/disintegration/imaging"
)

// ImageOptions says how pictures become pixels.
type ImageOptions struct {
	Size  int       // height and width, pixels; the aspect ratio is not kept
	Alpha AlphaRule // empty: AlphaOverWhite
}

// Validate names what is impossible in the options.
func (o ImageOptions) Validate() error {
	if o.Size < 1 || o.Size > maxSize {
		return fmt.Errorf("pictures of %dx%d pixels: from 1x1 to %[3]dx%[3]d are possible", o.Size, o.Size, maxSize)
	}
	return o.Alpha.validate()
}

// maxSize bounds the height and width that pictures are resized to, in pixels.
const maxSize = 4096

// The originals' normalisation, per channel: that of ImageNet.
var (
	mean      = [3]float32{0.485, 0.456, 0.406}
	deviation = [3]float32{0.229, 0.224, 0.225}
)

// Pixels decodes a picture, resizes it to Size x Size and normalises it.
//
// Shapes:
//   - returns: [height, width, 3], flat, roughly in -2.1 to 2.6
func Pixels(content []byte, options ImageOptions) ([]float32, error) {
	if err := options.Validate(); err != nil {
		return nil, err
	}
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

// Blank is a white picture.
//
// Shapes:
//   - returns: [height, width, 3], flat
func Blank(size int) []float32 {
	white := image.NewNRGBA(image.Rect(0, 0, size, size))
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	return Normalise(white)
}
