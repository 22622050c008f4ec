package parity

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"slices"

	"github.com/gomlx/compute"

	"seemore/pkg/captions"
	"seemore/pkg/weights"
)

// pictureTolerances are those of the pictures' pixels.
type pictureTolerances struct {
	Exact float64 `json:"lossless_exact_resampler"`
	// Our resizing rounds in other places than Pillow's: one grey level at most.
	Lossless float64       `json:"lossless_other_pass_order_or_rounding"`
	JPEG444  jpegTolerance `json:"jpeg_444_by_go_decoder"`
	JPEG420  jpegTolerance `json:"jpeg_420_by_go_decoder"`
}

type jpegTolerance struct{ Max, Mean float64 }

// picture is what config.json says about one row of the CSV file.
type picture struct {
	Row          int
	Name, Format string
	RGB          string `json:"rgb_sha256"`
}

// runImages decodes, resizes and normalises pictures.
func (c *testCase) runImages(compute.Backend) error {
	var config struct {
		Sizes      []int
		Pictures   []picture
		Tolerances pictureTolerances `json:"tolerance_abs"`
	}
	if err := c.decode(&config); err != nil {
		return err
	}
	set, err := c.csv()
	if err != nil {
		return err
	}
	for _, p := range config.Pictures {
		if p.Row < 0 || p.Row >= set.Len() {
			return fmt.Errorf("config.json: picture %s is row %d: %s has %d rows", p.Name, p.Row, c.config.CSV, set.Len())
		}
		content, err := set.Examples[p.Row].ImageBytes()
		if err != nil {
			return err
		}
		for _, size := range config.Sizes {
			if err := c.comparePicture(p, content, size, config.Tolerances); err != nil {
				return fmt.Errorf("picture %s: %w", p.Name, err)
			}
		}
		if err := c.compareRGB(p, content); err != nil {
			return fmt.Errorf("picture %s: %w", p.Name, err)
		}
	}
	return nil
}

// csv opens the case's captioned pictures.
func (c *testCase) csv() (*captions.Set, error) {
	if c.config.CSV == "" {
		return nil, fmt.Errorf("config.json names no csv")
	}
	return captions.Open(c.path(c.config.CSV))
}

// comparePicture compares the pixels of one picture at one size with the originals'.
func (c *testCase) comparePicture(p picture, content []byte, size int, tolerances pictureTolerances) error {
	name := fmt.Sprintf("out.%d", size)
	all, err := c.tensor(name)
	if err != nil {
		return err
	}
	if len(all.Shape) != 4 || p.Row >= all.Shape[0] || !slices.Equal(all.Shape[1:], []int{3, size, size}) || all.DType() != "F32" {
		return fmt.Errorf("io.safetensors: %s is %s %v: F32 [pictures 3 %d %d] expected", name, all.DType(), all.Shape, size, size)
	}
	c.compared[name] = true
	want := pixelsOf(part(all, p.Row))
	got, err := captions.Pixels(content, captions.ImageOptions{Size: size, Alpha: captions.AlphaDrop})
	if err != nil {
		return err
	}
	name += " " + p.Name
	if p.Format != "JPEG" {
		c.record(name, largestError(got, want), tolerances.Lossless)
		return nil
	}
	tolerance := tolerances.JPEG420
	if subsampling(content) == image.YCbCrSubsampleRatio444 {
		tolerance = tolerances.JPEG444
	}
	c.record(name+" (Go's decoder)", largestError(got, want), tolerance.Max)
	c.record(name+" (Go's decoder, mean)", meanError(got, want), tolerance.Mean)
	pillow, err := c.decoded(p)
	if err != nil {
		return err
	}
	c.record(name+" (Pillow's pixels)", largestError(captions.Normalise(captions.Resize(pillow, size)), want), tolerances.Lossless)
	return nil
}

// subsampling is a JPEG's; another picture's is that of full colour.
func subsampling(content []byte) image.YCbCrSubsampleRatio {
	decoded, _, err := image.Decode(bytes.NewReader(content))
	if colours, ok := decoded.(*image.YCbCr); err == nil && ok {
		return colours.SubsampleRatio
	}
	return image.YCbCrSubsampleRatio444
}

// decoded is Pillow's decoding of a JPEG, [height, width, 3].
func (c *testCase) decoded(p picture) (*image.NRGBA, error) {
	name := "decoded." + p.Name
	tensor, err := c.tensor(name)
	if err != nil {
		return nil, err
	}
	if len(tensor.Shape) != 3 || tensor.Shape[2] != 3 || tensor.DType() != "F32" {
		return nil, fmt.Errorf("io.safetensors: %s is %s %v: F32 [height width 3] expected", name, tensor.DType(), tensor.Shape)
	}
	c.compared[name] = true
	return rgbPicture(tensor), nil
}

func rgbPicture(tensor weights.Tensor) *image.NRGBA {
	pixels := image.NewNRGBA(image.Rect(0, 0, tensor.Shape[1], tensor.Shape[0]))
	for i, value := range tensor.Floats() {
		pixels.Pix[i/3*4+i%3] = uint8(value)
	}
	for i := 3; i < len(pixels.Pix); i += 4 {
		pixels.Pix[i] = 255
	}
	return pixels
}

// compareRGB compares the decoded bytes with Pillow's by their hash; of a JPEG, whose decoders
// differ, it checks the case itself.
func (c *testCase) compareRGB(p picture, content []byte) error {
	decoded, err := captions.DecodeImage(content, captions.AlphaDrop)
	if p.Format == "JPEG" {
		decoded, err = c.decoded(p)
	}
	if err != nil {
		return err
	}
	rgb := make([]byte, 0, len(decoded.Pix)/4*3)
	for i := 0; i < len(decoded.Pix); i += 4 {
		rgb = append(rgb, decoded.Pix[i:i+3]...)
	}
	hash := sha256.Sum256(rgb)
	c.record("rgb_sha256 "+p.Name, disagreements(hex.EncodeToString(hash[:]) == p.RGB), 0)
	return nil
}
