package show

import (
	"math"
	"slices"
)

// mostPoints is about how many points of a line are drawn; more would only make the notebook larger.
const mostPoints = 2000

// thin keeps the smallest and the largest value and the first gap of every stretch of a long line,
// and the line's ends.
func (l *Line) thin() {
	if len(l.X) <= mostPoints {
		return
	}
	stretch := (len(l.X)*2 + mostPoints - 1) / mostPoints
	var x, y []float64
	for start := 0; start < len(l.X); start += stretch {
		end := min(start+stretch, len(l.X))
		for _, i := range l.extremes(start, end) {
			x, y = append(x, l.X[i]), append(y, l.Y[i])
		}
	}
	l.X, l.Y = x, y
}

// extremes are the places worth keeping between start and end, in order.
func (l *Line) extremes(start, end int) []int {
	low, high, gap := -1, -1, -1
	for i := start; i < end; i++ {
		switch value := l.Y[i]; {
		case math.IsNaN(value):
			if gap < 0 {
				gap = i
			}
		case low < 0:
			low, high = i, i
		case value < l.Y[low]:
			low = i
		case value > l.Y[high]:
			high = i
		}
	}
	kept := []int{low, high, gap}
	if start == 0 {
		kept = append(kept, 0)
	}
	if end == len(l.X) {
		kept = append(kept, end-1)
	}
	slices.Sort(kept)
	kept = slices.Compact(kept)
	return slices.DeleteFunc(kept, func(i int) bool { return i < 0 })
}

// pieces are the stretches of a line between its gaps, as ranges of indices.
func (l *Line) pieces() [][2]int {
	var pieces [][2]int
	start := -1
	for i, value := range l.Y {
		if math.IsNaN(value) {
			start = -1
		} else if start < 0 {
			start = i
			pieces = append(pieces, [2]int{i, i + 1})
		} else {
			pieces[len(pieces)-1][1] = i + 1
		}
	}
	return pieces
}

// stops are the places of the last value before each gap.
func (l *Line) stops() []int {
	var stops []int
	for _, piece := range l.pieces() {
		if piece[1] < len(l.Y) {
			stops = append(stops, piece[1]-1)
		}
	}
	return stops
}

// dots tells whether the points themselves are drawn: a few points, or one that has no neighbour,
// would hardly be seen.
func (l *Line) dots() bool {
	const few = 25
	for _, piece := range l.pieces() {
		if piece[1]-piece[0] == 1 {
			return len(l.X) <= mostPoints/4
		}
	}
	return len(l.X) <= few && !l.Thin
}
