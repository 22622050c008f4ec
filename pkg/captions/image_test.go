package captions

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestAlphaRules(t *testing.T) {
	half := pngOf(t, color.NRGBA{200, 0, 0, 128})
	for rule, want := range map[AlphaRule]color.NRGBA{
		AlphaDrop: {200, 0, 0, 255}, AlphaOverWhite: {228, 127, 127, 255}, "": {228, 127, 127, 255},
	} {
		picture, err := DecodeImage(half, rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := picture.NRGBAAt(1, 1); got != want {
			t.Errorf("%s: %v, want %v", rule, got, want)
		}
	}
	if got := storedColor(color.NYCbCrA{YCbCr: color.YCbCr{Y: 90, Cb: 128, Cr: 128}, A: 0}); got.R != 90 {
		t.Errorf("the colour under alpha 0 is %v, want grey 90", got)
	}
}

// One pixel each: lossless, lossy, lossy with alpha.
var webps = []string{
	"UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
	"UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA",
	"UklGRkoAAABXRUJQVlA4WAoAAAAQAAAAAAAAAAAAQUxQSAwAAAARBxAR/Q9ERP8DAABWUDggGAAAABQBAJ0BKgEAAQAAAP4AAA3AAP7mtQAAAA==",
}

// formats gives a small picture in every format that is read.
func formats(t *testing.T) [][]byte {
	t.Helper()
	picture := image.NewPaletted(image.Rect(0, 0, 9, 7), color.Palette{color.Black, color.White})
	picture.Pix[3] = 1
	var jpegs, gifs bytes.Buffer
	if err := jpeg.Encode(&jpegs, picture, nil); err != nil {
		t.Fatal(err)
	}
	second := image.NewPaletted(picture.Rect, picture.Palette)
	if err := gif.EncodeAll(&gifs, &gif.GIF{Image: []*image.Paletted{picture, second}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	contents := [][]byte{pngOf(t, color.White), jpegs.Bytes(), gifs.Bytes()}
	for _, text := range webps {
		content, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, content)
	}
	return contents
}

// TestAnyBytes: damaged pictures give pixels or an error of one line, never a panic.
func TestAnyBytes(t *testing.T) {
	const size = 4
	contents := formats(t)
	for i, content := range contents {
		if _, err := Pixels(content, ImageOptions{size, AlphaDrop}); err != nil {
			t.Errorf("picture %d: %v", i, err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 3000 {
		damaged := bytes.Clone(contents[i%len(contents)])
		for range 1 + random.IntN(3) {
			damaged[random.IntN(len(damaged))] = byte(random.Uint32())
		}
		if i%4 == 0 {
			damaged = damaged[:random.IntN(len(damaged))]
		}
		pixels, err := Pixels(damaged, ImageOptions{size, []AlphaRule{AlphaDrop, AlphaOverWhite}[i%2]})
		if err == nil && len(pixels) != size*size*3 || err != nil && strings.Contains(err.Error(), "\n") {
			t.Fatalf("%x: %d pixels, error %v", damaged, len(pixels), err)
		}
	}
}

func TestAbsurdSizes(t *testing.T) {
	bomb := bytes.Clone(formats(t)[2])
	copy(bomb[6:], []byte{0xff, 0xff, 0xff, 0xff}) // a GIF of 65535x65535
	if _, err := DecodeImage(bomb, AlphaDrop); err == nil || err.Error() != "the gif picture has 65535x65535 pixels: at most 64 million" {
		t.Errorf("65535x65535: %v", err)
	}
	for _, options := range []ImageOptions{{0, AlphaDrop}, {-1, AlphaDrop}, {1 << 20, AlphaDrop}, {8, "pink"}} {
		if _, err := Pixels(pngOf(t, color.White), options); err == nil {
			t.Errorf("%v: no error", options)
		}
	}
}
