package captions

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"runtime"
	"strings"
	"testing"
)

// TestKindsOfPictures: the size and the pixel in the lower right corner of every kind, on white and without its alpha.
func TestKindsOfPictures(t *testing.T) {
	white := color.NRGBA{255, 255, 255, 255}
	grey := func(value uint8) color.NRGBA { return color.NRGBA{value, value, value, 255} }
	var wide bytes.Buffer
	if err := png.Encode(&wide, &image.NRGBA64{Pix: []byte{0x80, 0xff, 0x40, 0xff, 0, 0xff, 0xff, 0xff}, Stride: 8, Rect: image.Rect(0, 0, 1, 1)}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name          string
		content       []byte
		size          image.Point
		white, stored color.NRGBA
	}{
		{"RGBA", pngOf(t, color.NRGBA{200, 0, 0, 0}), image.Pt(4, 4), white, color.NRGBA{200, 0, 0, 255}},
		{"grey, 1 bit", pngChunks(1, 1, 1, 0, []byte{0x80}), image.Pt(1, 1), white, white},
		{"grey", pngChunks(1, 1, 8, 0, []byte{7}), image.Pt(1, 1), grey(7), grey(7)},
		{"grey and alpha", pngChunks(1, 1, 8, 4, []byte{7, 0}), image.Pt(1, 1), white, grey(7)},
		{"grey, 16 bits", pngChunks(1, 1, 16, 0, []byte{0, 200}), image.Pt(1, 1), grey(0), grey(200)},
		{"RGB, one colour transparent", pngChunks(1, 1, 8, 2, []byte{1, 2, 3}, "tRNS", "\x00\x01\x00\x02\x00\x03"), image.Pt(1, 1), white, color.NRGBA{1, 2, 3, 255}},
		{"RGBA, 16 bits", wide.Bytes(), image.Pt(1, 1), color.NRGBA{128, 64, 0, 255}, color.NRGBA{128, 64, 0, 255}},
		{"palette", pngChunks(1, 1, 8, 3, []byte{1}, "PLTE", "\x00\x00\x00\x09\x08\x07"), image.Pt(1, 1), color.NRGBA{9, 8, 7, 255}, color.NRGBA{9, 8, 7, 255}},
		{"palette with transparency", pngChunks(1, 1, 8, 3, []byte{1}, "PLTE", "\x00\x00\x00\x09\x08\x07", "tRNS", "\xff\x00"), image.Pt(1, 1), white, color.NRGBA{9, 8, 7, 255}},
		{"JPEG", jpegOf(t, image.NewNRGBA(image.Rect(0, 0, 3, 2))), image.Pt(3, 2), grey(0), grey(0)},
		{"JPEG, grey", jpegOf(t, image.NewGray(image.Rect(0, 0, 1, 1))), image.Pt(1, 1), grey(0), grey(0)},
		{"JPEG, CMYK", cmykOf(t), image.Pt(8, 8), grey(64), grey(64)},
		{"GIF, a first frame that is a part", gifOf(t), image.Pt(4, 4), color.NRGBA{255, 0, 0, 255}, color.NRGBA{255, 0, 0, 255}},
		{"WebP, lossless", webpOf(t, 0), image.Pt(1, 1), white, grey(0)},
		{"WebP", webpOf(t, 1), image.Pt(1, 1), grey(128), grey(128)},
		{"WebP with alpha", webpOf(t, 2), image.Pt(1, 1), white, grey(15)},
	} {
		for rule, want := range map[AlphaRule]color.NRGBA{AlphaOverWhite: c.white, AlphaDrop: c.stored} {
			picture, err := DecodeImage(c.content, rule)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			if got := picture.NRGBAAt(c.size.X-1, c.size.Y-1); picture.Rect.Size() != c.size || got != want {
				t.Errorf("%s, %s: %v with %v, want %v with %v", c.name, rule, picture.Rect.Size(), got, c.size, want)
			}
		}
	}
	if picture, err := DecodeImage(gifOf(t), AlphaOverWhite); err != nil || picture.NRGBAAt(1, 1) != white {
		t.Errorf("beside a GIF's first frame: %v, error %v, want white", picture, err)
	}
}

// TestOrientations: the dark corner of a picture that is three times as wide as high, in all eight positions, and in every
// format that can say so.
func TestOrientations(t *testing.T) {
	picture := image.NewGray(image.Rect(0, 0, 48, 16)) // whole blocks: the corner stays sharp
	for i := range picture.Pix {
		if picture.Pix[i] = 255; i%48 < 8 && i/48 < 8 {
			picture.Pix[i] = 0
		}
	}
	corners := []image.Point{{0, 0}, {47, 0}, {47, 15}, {0, 15}, {0, 0}, {15, 0}, {15, 47}, {0, 47}}
	for i, corner := range corners {
		orientation, size := uint16(i+1), image.Pt(48, 16)
		if orientation > 4 {
			size = image.Pt(16, 48)
		}
		little, big := exifOf(binary.LittleEndian, "II", orientation), exifOf(binary.BigEndian, "MM", orientation)
		var pixels []byte
		for y := range 16 {
			pixels = append(append(pixels, 0), picture.Pix[48*y:48*y+48]...)
		}
		for name, content := range map[string][]byte{
			"JPEG, little endian": jpegOf(t, picture, "\xe0JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00", "\xe1http://ns.adobe.com/xap/1.0/\x00", "\xe1Exif\x00\x00"+little),
			"JPEG, big endian":    jpegOf(t, picture, "\xe1Exif\x00\x00"+big),
			"PNG":                 pngChunks(48, 16, 8, 0, pixels[1:], "eXIf", big),
		} {
			turned, err := DecodeImage(content, AlphaOverWhite)
			if err != nil {
				t.Fatal(name, err)
			}
			if turned.Rect.Size() != size || turned.NRGBAAt(corner.X, corner.Y).R > 40 {
				t.Errorf("%s, orientation %d: size %v, corner %v is %v", name, orientation, turned.Rect.Size(), corner, turned.NRGBAAt(corner.X, corner.Y))
			}
		}
	}
	webp := append(webpOf(t, 0), "EXIF\x1a\x00\x00\x00"+exifOf(binary.LittleEndian, "II", 6)...)
	if got := orientationOf(webp, "webp"); got != 6 {
		t.Errorf("WebP: orientation %d, want 6", got)
	}
	damaged := []string{"", "II", "II*\x00\xff\xff\xff\xff", "MM\x00*\x00\x00\x00\x08\xff\xff\x01\x12", "II*\x00\x08\x00\x00\x00\x01\x00\x12\x01"}
	for _, exif := range append(damaged, exifOf(binary.LittleEndian, "II", 9), exifOf(binary.LittleEndian, "II", 0)) {
		if got, err := DecodeImage(jpegOf(t, picture, "\xe1Exif\x00\x00"+exif), AlphaDrop); err != nil || got.Rect.Dx() != 48 {
			t.Errorf("EXIF %q: %v, error %v, want the picture as it is", exif, got.Rect, err)
		}
	}
}

// TestBadPictures: refused in one line that says why, and without the memory of what a header claims.
func TestBadPictures(t *testing.T) {
	whole := jpegOf(t, image.NewGray(image.Rect(0, 0, 64, 64)))
	drawn := pngOf(t, color.White)
	for _, c := range []struct{ name, content, want string }{
		{"nothing", "", "is not a picture: expected PNG, JPEG, GIF or WebP, found 0 bytes"},
		{"HTML", "<!DOCTYPE html><html>\nnot found", `found 31 bytes beginning with "<!DOCTYP"`},
		{"PNG, cut off", string(drawn[:len(drawn)-20]), "the png picture is truncated or damaged: png: invalid format: unexpected EOF"},
		{"PNG, header only", string(drawn[:20]), "the picture's header is damaged: unexpected EOF"},
		{"PNG, another checksum", strings.Replace(string(drawn), "IDAT", "IDAX", 1), "damaged"},
		{"PNG, no pixel", string(pngChunks(0, 1, 8, 0, nil)), "damaged"},
		{"JPEG, cut off", string(whole[:len(whole)-9]), "the jpeg picture is truncated or damaged: invalid JPEG format"},
		{"WebP, cut off", string(webpOf(t, 1)[:30]), "damaged"},
		{"50,000 x 50,000", string(pngChunks(50_000, 50_000, 8, 6, nil)), "the png picture has 50000x50000 pixels: at most 64 million"},
		{"8,000 x 8,000", string(pngChunks(8_000, 8_000, 16, 6, nil)), "bytes for 8000x8000 pixels"},
		{"4 billion wide", string(pngChunks(1<<32-1, 1, 8, 6, nil)), "damaged"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Pixels([]byte(c.content), ImageOptions{8, AlphaOverWhite})
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want %q", c.name, err, c.want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: %d bytes allocated", c.name, used)
		}
	}
}
