package captions

import (
	"math"
	"math/rand/v2"
)

// Augment draws a picture as other hands might have: turned, scaled, moved and mirrored a little, in
// other colours, with other outlines, a part of it hidden. Seeing each picture in a new way every time
// keeps a model from learning it by heart.
//
// Shapes:
//   - pixels: [height*width*3], as [Pixels] makes them
//   - strength: 0 changes nothing; 1 changes so much that a person still names nearly every picture
//   - returns: the same
func Augment(pixels []float32, size int, strength float64, random *rand.Rand) []float32 {
	if strength <= 0 {
		return pixels
	}
	picture := canvas{size, make([]float32, len(pixels))}
	for i, value := range pixels {
		picture.values[i] = value*deviation[i%3] + mean[i%3]
	}
	around := func(width float64) float64 { return (2*random.Float64() - 1) * width * strength }
	chance := func(probability float64) bool { return random.Float64() < probability*strength }
	picture = picture.moved(randomAffine(around, random.IntN(2) == 0))
	picture.recolour(around, chance(0.22))
	if chance(0.6) {
		picture.outline(float32(2 * random.Float64()))
	}
	if chance(0.75) {
		picture.hide(random)
	}
	for i, value := range picture.values {
		picture.values[i] = (min(max(value, 0), 1) - mean[i%3]) / deviation[i%3]
	}
	return picture.values
}

// canvas is a square picture with values from 0 to 1, [height*width*3].
type canvas struct {
	size   int
	values []float32
}

// affine maps a place of the new picture to one of the old, both from -1 to 1.
type affine struct{ xx, xy, x0, yx, yy, y0 float64 }

func randomAffine(around func(float64) float64, mirrored bool) affine {
	sin, cos := math.Sincos(around(0.18))
	scale, aspect, shear := math.Exp(around(0.15)), math.Exp(around(0.08)), around(0.1)
	a := affine{scale * aspect * cos, -scale*sin + shear, around(0.12), scale * sin, scale / aspect * cos, around(0.12)}
	if mirrored {
		a.xx, a.yx = -a.xx, -a.yx
	}
	return a
}

// moved is the picture under an affine map, bilinear, on white.
func (c canvas) moved(a affine) canvas {
	out := canvas{c.size, make([]float32, len(c.values))}
	half := float64(c.size) / 2
	for row := range c.size {
		for column := range c.size {
			x, y := (float64(column)+0.5)/half-1, (float64(row)+0.5)/half-1
			fromX := (a.xx*x+a.xy*y+a.x0+1)*half - 0.5
			fromY := (a.yx*x+a.yy*y+a.y0+1)*half - 0.5
			c.sample(fromX, fromY, out.at(row, column))
		}
	}
	return out
}

// at is the pixel of a row and column.
func (c canvas) at(row, column int) []float32 {
	start := 3 * (row*c.size + column)
	return c.values[start : start+3]
}

// sample writes the picture's colour between pixels; outside of it everything is white.
func (c canvas) sample(x, y float64, pixel []float32) {
	left, top := math.Floor(x), math.Floor(y)
	toRight, toBottom := float32(x-left), float32(y-top)
	for i, weight := range []float32{(1 - toRight) * (1 - toBottom), toRight * (1 - toBottom), (1 - toRight) * toBottom, toRight * toBottom} {
		column, row := int(left)+i%2, int(top)+i/2
		inside := row >= 0 && row < c.size && column >= 0 && column < c.size
		for channel := range pixel {
			value := float32(1)
			if inside {
				value = c.at(row, column)[channel]
			}
			pixel[channel] += weight * value
		}
	}
}

// recolour mixes the channels a little, keeps white as it is, and changes the contrast; or makes the
// picture grey.
func (c canvas) recolour(around func(float64) float64, grey bool) {
	var mix [3][3]float32
	for i := range mix {
		rest := float32(1)
		for j := range mix[i] {
			if j != i {
				mix[i][j] = float32(around(0.3))
				rest -= mix[i][j]
			}
		}
		mix[i][i] = rest
	}
	contrast := float32(math.Exp(around(0.6)))
	for start := 0; start < len(c.values); start += 3 {
		pixel := c.values[start : start+3]
		old := [3]float32{1 - pixel[0], 1 - pixel[1], 1 - pixel[2]}
		if grey {
			brightness := (old[0] + old[1] + old[2]) / 3
			old = [3]float32{brightness, brightness, brightness}
		}
		for i := range pixel {
			pixel[i] = 1 - contrast*(mix[i][0]*old[0]+mix[i][1]*old[1]+mix[i][2]*old[2])
		}
	}
}

// outline darkens the picture where its brightness changes.
func (c canvas) outline(strength float32) {
	brightness := make([]float32, c.size*c.size)
	for i := range brightness {
		brightness[i] = (c.values[3*i] + c.values[3*i+1] + c.values[3*i+2]) / 3
	}
	for row := 1; row+1 < c.size; row++ {
		for column := 1; column+1 < c.size; column++ {
			i := row*c.size + column
			edge := abs(brightness[i+1]-brightness[i-1]) + abs(brightness[i+c.size]-brightness[i-c.size])
			for channel, value := range c.at(row, column) {
				c.at(row, column)[channel] = max(value-strength*edge, 0)
			}
		}
	}
}

func abs(x float32) float32 { return max(x, -x) }

// hide covers a square of up to half the picture's width with one colour.
func (c canvas) hide(random *rand.Rand) {
	width := 1 + random.IntN(max(c.size/2, 1))
	top, left := random.IntN(c.size), random.IntN(c.size)
	colour := [3]float32{random.Float32(), random.Float32(), random.Float32()}
	for row := top; row < min(top+width, c.size); row++ {
		for column := left; column < min(left+width, c.size); column++ {
			copy(c.at(row, column), colour[:])
		}
	}
}
