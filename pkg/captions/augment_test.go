package captions

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAugment(t *testing.T) {
	const size = 16
	picture := Blank(size)
	for row := 4; row < 12; row++ {
		for column := 4; column < 12; column++ {
			copy(picture[3*(row*size+column):], []float32{-2, 0.5, 1})
		}
	}
	before := slices.Clone(picture)
	if !slices.Equal(Augment(picture, size, 0, nil), before) {
		t.Error("strength 0 changes the picture")
	}
	first := Augment(picture, size, 1, rand.New(rand.NewPCG(1, 2)))
	if again := Augment(picture, size, 1, rand.New(rand.NewPCG(1, 2))); !slices.Equal(first, again) {
		t.Error("the same seed draws another picture")
	}
	if slices.Equal(first, before) || !slices.Equal(picture, before) {
		t.Error("the picture is not changed, or is changed in its place")
	}
	low, high := (0-mean[0])/deviation[0], (1-mean[2])/deviation[2]
	for seed := range uint64(50) {
		for i, value := range Augment(picture, size, 1, rand.New(rand.NewPCG(seed, 0))) {
			if math.IsNaN(float64(value)) || value < low-0.5 || value > high+0.5 {
				t.Fatalf("seed %d: value %d is %v", seed, i, value)
			}
		}
	}
}

// TestMovedKeepsTheIdentity: the map that changes nothing gives the same picture, and a mirrored one
// is mirrored.
func TestMovedKeepsTheIdentity(t *testing.T) {
	c := canvas{2, []float32{0, 0, 0, .1, .1, .1, .2, .2, .2, .3, .3, .3}}
	if got := c.moved(affine{xx: 1, yy: 1}); !slices.Equal(got.values, c.values) {
		t.Errorf("the identity gives %v", got.values)
	}
	want := []float32{.1, .1, .1, 0, 0, 0, .3, .3, .3, .2, .2, .2}
	if got := c.moved(affine{xx: -1, yy: 1}); !slices.Equal(got.values, want) {
		t.Errorf("the mirror image is %v, want %v", got.values, want)
	}
}

func BenchmarkAugment(b *testing.B) {
	picture, random := Blank(96), rand.New(rand.NewPCG(0, 0))
	for b.Loop() {
		Augment(picture, 96, 1, random)
	}
}
