package captions

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"testing"
)

// TestPicturesAgainstPillow compares decoding, resizing and normalising with the originals'.
func TestPicturesAgainstPillow(t *testing.T) {
	const folder = "testdata/E_images"
	var config struct {
		Sizes    []int
		Pictures []struct {
			Name, Format string
			SHA256       string `json:"rgb_sha256"`
		}
	}
	readJSON(t, folder+"/config.json", &config)
	expected := readGzip(t, folder+"/io.safetensors.gz")
	set, err := Open(folder + "/images.csv")
	if err != nil {
		t.Fatal(err)
	}
	for row, picture := range config.Pictures {
		content, err := set.Examples[row].ImageBytes()
		if err != nil {
			t.Fatal(err)
		}
		if picture.Format == "PNG" {
			if got := hashOf(t, content); got != picture.SHA256 {
				t.Errorf("%s: the decoded pixels hash to %s, want %s", picture.Name, got, picture.SHA256)
			}
		}
		for _, size := range config.Sizes {
			t.Run(fmt.Sprintf("%s/%d", picture.Name, size), func(t *testing.T) {
				pixels, err := Pixels(content, ImageOptions{size, AlphaDrop})
				if err != nil {
					t.Fatal(err)
				}
				// The tolerances of the fixture: one grey level without loss, Go's own decoder for JPEG.
				most, mean := 0.02, 0.02
				switch picture.Name {
				case "tall_jpeg_444":
					most, mean = 0.07, 0.01
				case "jpeg_420":
					most, mean = 1.0, 0.08
				}
				want := expected[fmt.Sprintf("out.%d", size)].Floats()[row*3*size*size:][:3*size*size]
				compare(t, pixels, channelsLast(want, size), most, mean)
			})
		}
	}
	for name, row := range map[string]int{"tall_jpeg_444": 8, "jpeg_420": 11} {
		t.Run(name+" from Pillow's pixels", func(t *testing.T) {
			decoded := expected["decoded."+name]
			picture := image.NewNRGBA(image.Rect(0, 0, decoded.Shape[1], decoded.Shape[0]))
			for i := range len(decoded.Floats()) / 3 {
				rgb := decoded.Floats()[3*i:]
				copy(picture.Pix[4*i:], []byte{byte(rgb[0]), byte(rgb[1]), byte(rgb[2]), 255})
			}
			want := expected["out.32"].Floats()[row*3*32*32:][:3*32*32]
			compare(t, Normalise(Resize(picture, 32)), channelsLast(want, 32), 0.02, 0.02)
		})
	}
}

// hashOf hashes the RGB bytes of a picture as the originals decode it.
func hashOf(t *testing.T, content []byte) string {
	t.Helper()
	picture, err := DecodeImage(content, AlphaDrop)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	for i := 0; i < len(picture.Pix); i += 4 {
		hash.Write(picture.Pix[i : i+3])
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func TestUnnormaliseUndoesNormalise(t *testing.T) {
	picture := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := range picture.Pix {
		picture.Pix[i] = byte(i)
		if i%4 == 3 {
			picture.Pix[i] = 255
		}
	}
	if got := Unnormalise(Normalise(picture), 16); !bytes.Equal(got.Pix, picture.Pix) {
		t.Error("the picture has changed")
	}
}
