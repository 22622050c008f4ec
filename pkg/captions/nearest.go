package captions

import (
	"fmt"
	"math"
	"runtime"
	"sync"
)

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
		for j, candidate := range candidates {
			if len(candidate) != len(picture) {
				return nil, fmt.Errorf("picture %d has %d values and candidate %d has %d", i, len(picture), j, len(candidate))
			}
		}
	}
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, picture := range pictures {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			nearest[i] = nearestOf(picture, candidates)
		})
	}
	wait.Wait()
	return nearest, nil
}

func nearestOf(picture []float32, candidates [][]float32) (nearest int) {
	best := float32(math.Inf(1))
	for j, candidate := range candidates {
		if distance := squaredDistance(picture, candidate, best); distance < best {
			best, nearest = distance, j
		}
	}
	return nearest
}

// squaredDistance stops adding where the sum has reached limit already.
func squaredDistance(a, b []float32, limit float32) (sum float32) {
	const row = 256
	for start := 0; start < len(a) && sum < limit; start += row {
		end := min(start+row, len(a))
		other := b[start:end]
		for i, value := range a[start:end] {
			difference := value - other[i]
			sum += difference * difference
		}
	}
	return sum
}
