package vlm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func ExampleSampling_Probabilities() {
	logits := []float32{0, 2, 1, 2}
	for _, sampling := range []Sampling{{}, {Temperature: 1}, {Temperature: 1, TopK: 2}, {Temperature: 100}} {
		fmt.Printf("%.2f\n", sampling.Probabilities(logits))
	}
	// Output:
	// [0.00 1.00 0.00 0.00]
	// [0.05 0.40 0.15 0.40]
	// [0.00 0.50 0.00 0.50]
	// [0.25 0.25 0.25 0.25]
}

func TestDrawFollowsTheProbabilities(t *testing.T) {
	logits, random := []float32{1, 0, 3, 2}, rand.New(rand.NewPCG(1, 2))
	sampling := Sampling{Temperature: 1.5, TopK: 3}
	const draws = 20000
	counts := make([]float64, len(logits))
	for range draws {
		counts[sampling.draw(logits, random)]++
	}
	for id, want := range sampling.Probabilities(logits) {
		if got := counts[id] / draws; math.Abs(got-want) > 0.015 {
			t.Errorf("character %d was drawn with %.3f, want %.3f", id, got, want)
		}
	}
	if counts[1] != 0 {
		t.Error("a character outside the top 3 was drawn")
	}
}

func TestTopOneIsTheMostProbable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		if got := (Sampling{Temperature: 5, TopK: 1}).draw([]float32{1, 3, 2}, random); got != 1 {
			t.Fatalf("drew %d", got)
		}
	}
}
