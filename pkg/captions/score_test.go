package captions

import (
	"math"
	"slices"
	"testing"
)

// TestScore: chrF is that of sacreBLEU 2.6, the other two are counted by hand.
func TestScore(t *testing.T) {
	for _, test := range []struct {
		written, wanted []string
		want            Scores
	}{
		{[]string{"red apple", "a dog", "cat"}, []string{"green apple", "dog face", "cat"}, Scores{1. / 3, 10. / 22, 33.56730395926821}},
		{[]string{"", ""}, []string{"red", "b"}, Scores{0, 1, 0}},
		{[]string{"piñata party"}, []string{"pinata"}, Scores{0, 7. / 6, 23.597616165581616}},
		{[]string{"abc def"}, []string{"abcdef"}, Scores{0, 1. / 6, 100}},
		{[]string{"same", "same"}, []string{"same", "same"}, Scores{1, 0, 100}},
	} {
		got, err := Score(test.written, test.wanted)
		if err != nil {
			t.Fatal(err)
		}
		for name, pair := range map[string][2]float64{"exact": {got.Exact, test.want.Exact}, "CER": {got.CER, test.want.CER}, "chrF": {got.ChrF, test.want.ChrF}} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("%q for %q: %s is %v, want %v", test.written, test.wanted, name, pair[0], pair[1])
			}
		}
	}
	for _, lists := range [][2][]string{{{"a"}, {"a", "b"}}, {nil, nil}} {
		if _, err := Score(lists[0], lists[1]); err == nil {
			t.Errorf("%d captions were scored against %d", len(lists[0]), len(lists[1]))
		}
	}
}

func TestNearest(t *testing.T) {
	candidates := [][]float32{{0, 0}, {1, 1}, {1, 1}}
	got, err := Nearest([][]float32{{.9, .8}, {.1, 0}}, candidates)
	if err != nil || !slices.Equal(got, []int{1, 0}) {
		t.Errorf("nearest are %v, %v, want 1 and 0", got, err)
	}
	if _, err := Nearest([][]float32{{1}}, candidates); err == nil {
		t.Error("pictures of another size were compared")
	}
	if _, err := Nearest([][]float32{{1}}, nil); err == nil {
		t.Error("nothing to compare with, and no error")
	}
}
