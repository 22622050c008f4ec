package main

import (
	"fmt"
	"image"
	"image/color"
	"slices"

	"golang.org/x/image/font/gofont/goregular"

	"seemore/pkg/show"
)

// drawMixtureModel is the map of the second walkthrough: the decoder's blocks have experts.
func drawMixtureModel() image.Image {
	withExperts := slices.Clone(parts)
	for i, p := range withExperts {
		if p.name == "decoder blocks x 8" {
			withExperts[i].name, withExperts[i].shape, withExperts[i].color = "mixture blocks x 8", "8 experts, 2 for each token", show.ColorExperts
		}
	}
	return draw(withExperts, stages)
}

// drawMixture is one mixture of experts: a token, the router, the experts, their weighted sum.
func drawMixture() image.Image {
	canvas, pen := newPicture()
	token := part{"a token", "128 numbers", 325, 30, 230, 54, show.ColorDecoder, 0}
	router := part{"router", "scores for 8 experts, noise, the best 2", 265, 140, 350, 54, show.ColorProjector, 0}
	sum := part{"weighted sum", "0.7 x expert 2 + 0.3 x expert 5", 265, 410, 350, 54, show.ColorDecoder, 0}
	line(pen, grey, [2]float64{440, token.y + token.h}, [2]float64{440, router.y})
	gates := map[int]string{2: "0.7", 5: "0.3"}
	const left, step, top = 20.0, 106.0, 270.0
	for e := range 8 {
		x := left + float64(e)*step
		gate, used := gates[e]
		expert := part{fmt.Sprint("expert ", e), "MLP", x, top, 98, 54, show.ColorExperts, 0}
		if used {
			middle := x + 49
			segment(pen, grey, [2]float64{middle, 232}, [2]float64{middle, 240})
			line(pen, grey, [2]float64{middle, 240}, [2]float64{middle, top})
			segment(pen, grey, [2]float64{440, 232}, [2]float64{middle, 232})
			segment(pen, grey, [2]float64{middle, top + 54}, [2]float64{middle, 366})
			segment(pen, grey, [2]float64{440, 366}, [2]float64{middle, 366})
			label(canvas, middle+16, 258, gate)
		}
		expert.draw(pen, canvas, used)
	}
	segment(pen, grey, [2]float64{440, router.y + router.h}, [2]float64{440, 232})
	line(pen, grey, [2]float64{440, 366}, [2]float64{440, sum.y})
	for _, p := range []part{token, router, sum} {
		p.draw(pen, canvas, true)
	}
	return canvas
}

// label writes a number beside an arrow.
func label(canvas *image.RGBA, x, y float64, text string) {
	write(canvas, goregular.TTF, 14, x, y, color.NRGBA{0x22, 0x22, 0x22, 0xff}, text)
}
