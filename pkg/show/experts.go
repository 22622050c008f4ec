package show

import (
	"fmt"
	"image"
	"image/color"
	"math"
)

// TokenExperts draws which experts worked on each token, in every layer: a cell is divided among the
// experts by their gates, each in its colour, with the number of the first among them.
//
// Shapes:
//   - gates: [layers][tokens][experts]
func TokenExperts(title string, tokens []string, gates [][][]float64) image.Image {
	const left, top, cell, legend = 80, 44, 24, 44
	experts := len(gates[0][0])
	labelHeight := 20
	for _, token := range tokens {
		labelHeight = max(labelHeight, textWidth(13, visible(token))+8)
	}
	width := max(left+len(tokens)*cell, left+experts*34, textWidth(16, title)+16) + 16
	c := newCanvas(width, top+labelHeight+len(gates)*(cell+2)+legend)
	c.text(16, 26, 16, ink, title)
	for j, token := range tokens {
		if token == " " {
			token = "·"
		}
		if x := left + j*cell + cell/2; textWidth(13, visible(token)) <= cell {
			c.centered(x, top+labelHeight-6, 13, ink, visible(token))
		} else {
			c.upright(x+4, top+labelHeight-6, 13, ink, visible(token))
		}
	}
	for i, layer := range gates {
		y := top + labelHeight + i*(cell+2)
		c.text(16, y+16, 12, ink, fmt.Sprintf("block %d", i))
		for j, shares := range layer {
			c.shares(image.Rect(left+j*cell, y, left+(j+1)*cell-1, y+cell), shares)
		}
	}
	for e := range experts {
		x, y := left+e*34, c.Rect.Max.Y-30
		c.fill(image.Rect(x, y, x+14, y+14), expertColor(e, experts))
		c.text(x+18, y+12, 12, ink, fmt.Sprint(e))
	}
	c.text(16, c.Rect.Max.Y-18, 12, noteGrey, "expert")
	return c.NRGBA
}

// shares divides an area among experts, from the bottom up, and writes the largest one's number.
func (c canvas) shares(area image.Rectangle, shares []float64) {
	largest, from := 0, 0.0
	for e, share := range shares {
		low, high := area.Max.Y-int(math.Round(from*float64(area.Dy()))), area.Max.Y-int(math.Round((from+share)*float64(area.Dy())))
		c.fill(image.Rect(area.Min.X, high, area.Max.X, low), expertColor(e, len(shares)))
		if from += share; share > shares[largest] {
			largest = e
		}
	}
	c.centered((area.Min.X+area.Max.X)/2, area.Min.Y+area.Dy()/2+4, 11, color.White, fmt.Sprint(largest))
}

// expertColor is from the palette, or around the colour circle where there are more experts than that
// has colours.
func expertColor(expert, experts int) color.NRGBA {
	if experts <= len(palette) {
		return palette[expert]
	}
	wave := func(shift float64) uint8 {
		return uint8(120 + 90*math.Cos(2*math.Pi*(float64(expert)/float64(experts)+shift)))
	}
	return color.NRGBA{wave(0), wave(1.0 / 3), wave(2.0 / 3), 0xff}
}

// ExpertLoads draws the share of the tokens that each expert of a block got, from step to step of a
// run; an even load is 1/experts everywhere.
func ExpertLoads(title string, run Run, block int) image.Image {
	var rows, columns []string
	var values [][]float64
	for expert := 0; ; expert++ {
		steps, tokens := run.Values(fmt.Sprintf("load, block %d, expert %d", block, expert))
		if len(steps) == 0 {
			break
		}
		if rows = append(rows, fmt.Sprintf("expert %d", expert)); columns == nil {
			for _, step := range steps {
				columns = append(columns, fmt.Sprint(step))
			}
		}
		values = append(values, tokens)
	}
	for step := range columns {
		total := 0.0
		for _, row := range values {
			total += row[step]
		}
		for _, row := range values {
			row[step] /= total
		}
	}
	return Matrix(title, rows, columns, values)
}

// Values are the steps and values of one metric, "train loss" for example; empty if there is none.
func (r Run) Values(metric string) (steps, values []float64) {
	for _, point := range r.Points {
		if point.MetricName == metric {
			steps, values = append(steps, point.Step), append(values, point.Value)
		}
	}
	return steps, values
}
