package captions

import (
	"bytes"
	"encoding/binary"
	"image"

	"github.com/disintegration/imaging"
)

// upright turns a picture as its file's EXIF orientation says, a number from 1 to 8: cameras store what their sensor
// saw and how it was held.
func upright(picture *image.NRGBA, orientation int) *image.NRGBA {
	switch orientation {
	case 2:
		return imaging.FlipH(picture)
	case 3:
		return imaging.Rotate180(picture)
	case 4:
		return imaging.FlipV(picture)
	case 5:
		return imaging.Transpose(picture)
	case 6:
		return imaging.Rotate270(picture)
	case 7:
		return imaging.Transverse(picture)
	case 8:
		return imaging.Rotate90(picture)
	}
	return picture
}

// orientationOf is the EXIF orientation of a JPEG, PNG or WebP file; 1 where there is none.
func orientationOf(content []byte, format string) int {
	switch format {
	case "jpeg":
		return orientationIn(exifOfJPEG(content))
	case "png":
		return orientationIn(chunk(content, 8, "eXIf", func(c []byte) (string, int, int) {
			return string(c[4:8]), int(binary.BigEndian.Uint32(c)), 4 // a checksum follows
		}))
	case "webp":
		return orientationIn(chunk(content, 12, "EXIF", func(c []byte) (string, int, int) {
			size := int(binary.LittleEndian.Uint32(c[4:]))
			return string(c[:4]), size, size % 2
		}))
	}
	return 1
}

var exifMark = []byte("Exif\x00\x00")

// exifOfJPEG looks through the segments before the picture itself.
func exifOfJPEG(content []byte) []byte {
	for at := 2; at+4 <= len(content) && content[at] == 0xff && content[at+1] != 0xda; {
		end := at + 2 + int(binary.BigEndian.Uint16(content[at+2:]))
		if end > len(content) || end < at+4 {
			return nil
		}
		if segment := content[at+4 : end]; content[at+1] == 0xe1 && bytes.HasPrefix(segment, exifMark) {
			return segment[len(exifMark):]
		}
		at = end
	}
	return nil
}

// chunk finds a chunk by name; head reads name, size and what follows the data from its first eight bytes.
func chunk(content []byte, at int, name string, head func([]byte) (name string, size, behind int)) []byte {
	for at+8 <= len(content) {
		found, size, behind := head(content[at:])
		if size > len(content)-at-8 {
			return nil
		}
		if found == name {
			return bytes.TrimPrefix(content[at+8:at+8+size], exifMark)
		}
		at += 8 + size + behind
	}
	return nil
}

// orientationIn reads tag 0x0112 of the first directory of a TIFF block.
func orientationIn(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(tiff, []byte("MM")) {
		order = binary.BigEndian
	} else if !bytes.HasPrefix(tiff, []byte("II")) {
		return 1
	}
	if len(tiff) < 8 {
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[12:]
	}
	return 1
}
