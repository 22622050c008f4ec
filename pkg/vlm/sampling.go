package vlm

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Sampling says how the next character is chosen.
type Sampling struct {
	Temperature float64 // 0 takes the most probable character; larger values take more risk
	TopK        int     // only so many of the most probable characters may be chosen; 0 allows all
	Seed        uint64  // of the random choice; the same seed writes the same text
	Prompt      []int32 // what every text begins with, may be empty
	StopID      int32   // the first such character ends the text; it is not part of the result
}

// Probabilities are those with which each character is chosen next, 0 to 1, given the model's logits: the
// softmax of logits / temperature over the TopK largest, and 0 for the others.
//
// Shapes:
//   - logits: [vocab]
//   - returns: [vocab]
func (s Sampling) Probabilities(logits []float32) []float64 {
	ids := make([]int, len(logits))
	for id := range ids {
		ids[id] = id
	}
	slices.SortStableFunc(ids, func(a, b int) int { return cmp.Compare(logits[b], logits[a]) })
	probabilities := make([]float64, len(logits))
	if s.Temperature <= 0 {
		probabilities[ids[0]] = 1
		return probabilities
	}
	if s.TopK > 0 {
		ids = ids[:min(s.TopK, len(ids))]
	}
	total, largest := 0.0, logits[ids[0]]
	for _, id := range ids {
		probabilities[id] = math.Exp(float64(logits[id]-largest) / s.Temperature)
		total += probabilities[id]
	}
	for _, id := range ids {
		probabilities[id] /= total
	}
	return probabilities
}

// draw chooses an id with those probabilities.
func (s Sampling) draw(logits []float32, random *rand.Rand) int32 {
	probabilities := s.Probabilities(logits)
	last, threshold := 0, random.Float64()
	for id, probability := range probabilities {
		if probability == 0 {
			continue
		}
		if threshold -= probability; threshold < 0 {
			return int32(id)
		}
		last = id // rounding may leave a rest
	}
	return int32(last)
}
