package captions

import "fmt"

// Nearest finds for each picture the most similar one among candidates: the smallest sum of squared
// differences. What a model writes about a picture is worth something where it beats the caption of
// that neighbour.
//
// Shapes:
//   - pictures, candidates: [n][values], pixels or features, all of one length
//   - returns: the index of a candidate for each picture; of equally near ones the first
func Nearest(pictures, candidates [][]float32) ([]int, error) {
	if len(candidates) == 0 {
		return nil, fmt.Errorf("no pictures to compare with")
	}
	nearest := make([]int, len(pictures))
	for i, picture := range pictures {
		best := float32(0)
		for j, candidate := range candidates {
			if len(candidate) != len(picture) {
				return nil, fmt.Errorf("picture %d has %d values and candidate %d has %d", i, len(picture), j, len(candidate))
			}
			distance := squaredDistance(picture, candidate)
			if j == 0 || distance < best {
				best, nearest[i] = distance, j
			}
		}
	}
	return nearest, nil
}

func squaredDistance(a, b []float32) float32 {
	var sum float32
	for i := range a {
		difference := a[i] - b[i]
		sum += difference * difference
	}
	return sum
}
