package show

import (
	"cmp"
	"image"
	"image/color"
	"slices"
)

// fewerColors paints a chart with its 256 most frequent colours, which halves its PNG; the others are
// the shades of letters and slanting lines, of which one more or less is not seen.
func fewerColors(picture *image.RGBA) *image.Paletted {
	counts := make(map[color.RGBA]int)
	for i := 0; i < len(picture.Pix); i += 4 {
		counts[color.RGBA{picture.Pix[i], picture.Pix[i+1], picture.Pix[i+2], picture.Pix[i+3]}]++
	}
	colors := make([]color.RGBA, 0, len(counts))
	for one := range counts {
		colors = append(colors, one)
	}
	slices.SortFunc(colors, func(a, b color.RGBA) int {
		// Equal counts in a fixed order, so that the same chart is the same file.
		return cmp.Or(counts[b]-counts[a], slices.Compare([]uint8{a.R, a.G, a.B}, []uint8{b.R, b.G, b.B}))
	})
	kept := make(color.Palette, min(256, len(colors)))
	for i := range kept {
		kept[i] = colors[i]
	}
	places := make(map[color.RGBA]uint8, len(colors))
	for _, one := range colors {
		places[one] = uint8(kept.Index(one))
	}
	painted := image.NewPaletted(picture.Rect, kept)
	for i := range painted.Pix {
		pixel := picture.Pix[4*i : 4*i+4]
		painted.Pix[i] = places[color.RGBA{pixel[0], pixel[1], pixel[2], pixel[3]}]
	}
	return painted
}
