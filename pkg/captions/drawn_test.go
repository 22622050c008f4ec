package captions

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"testing"
)

// pngChunks builds a PNG of 1x1 pixels from its header's depth and colour type, further chunks and the row.
func pngChunks(width, height uint32, depth, kind byte, row []byte, further ...string) []byte {
	out := bytes.NewBufferString("\x89PNG\r\n\x1a\n")
	add := func(name string, data []byte) {
		binary.Write(out, binary.BigEndian, uint32(len(data)))
		content := append([]byte(name), data...)
		out.Write(content)
		binary.Write(out, binary.BigEndian, crc32.ChecksumIEEE(content))
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	add("IHDR", append(header, depth, kind, 0, 0, 0))
	for i := 0; i < len(further); i += 2 {
		add(further[i], []byte(further[i+1]))
	}
	var packed bytes.Buffer
	writer := zlib.NewWriter(&packed)
	writer.Write(append([]byte{0}, row...))
	writer.Close()
	add("IDAT", packed.Bytes())
	add("IEND", nil)
	return out.Bytes()
}

// exifOf is a TIFF block with an orientation.
func exifOf(order binary.AppendByteOrder, mark string, orientation uint16) string {
	block := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	block = order.AppendUint16(order.AppendUint16(order.AppendUint16(block, 1), 0x0112), 3)
	return string(append(order.AppendUint16(order.AppendUint32(block, 1), orientation), 0, 0, 0, 0, 0, 0))
}

// jpegOf encodes a picture and puts segments, marker and content, behind the first two bytes.
func jpegOf(t testing.TB, picture image.Image, segments ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	content := out.Bytes()
	var front []byte
	for _, segment := range segments {
		front = append(front, 0xff, segment[0])
		front = append(binary.BigEndian.AppendUint16(front, uint16(len(segment)+1)), segment[1:]...)
	}
	return append(append(bytes.Clone(content[:2]), front...), content[2:]...)
}

// cmykOf is a JPEG of one block, whose four inks are all 128 as Adobe writes them.
func cmykOf(t testing.TB) []byte {
	t.Helper()
	grey := jpegOf(t, image.NewGray(image.Rect(0, 0, 8, 8)), "\xeeAdobe\x00\x64\x00\x00\x00\x00\x00")
	frame, scan := bytes.Index(grey, []byte{0xff, 0xc0}), bytes.Index(grey, []byte{0xff, 0xda})
	content := append(bytes.Clone(grey[:frame]), 0xff, 0xc0, 0, 20, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)
	content = append(content, grey[frame+13:scan]...)
	content = append(content, 0xff, 0xda, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0)
	return append(content, 0x28, 0xa2, 0x8a, 0xff, 0xd9) // per block: no difference, no more
}

// gifOf is an animation on a canvas of 4x4, whose first frame covers only the lower right quarter.
func gifOf(t testing.TB) []byte {
	t.Helper()
	palette := color.Palette{color.Black, color.NRGBA{255, 0, 0, 255}}
	first, second := image.NewPaletted(image.Rect(2, 2, 4, 4), palette), image.NewPaletted(image.Rect(0, 0, 4, 4), palette)
	for i := range first.Pix {
		first.Pix[i] = 1
	}
	var out bytes.Buffer
	err := gif.EncodeAll(&out, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{1, 1}, Config: image.Config{ColorModel: palette, Width: 4, Height: 4}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func webpOf(t testing.TB, i int) []byte {
	t.Helper()
	content, err := base64.StdEncoding.DecodeString(webps[i])
	if err != nil {
		t.Fatal(err)
	}
	return content
}
