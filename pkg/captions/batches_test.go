package captions

import (
	"fmt"
	"image/color"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

func TestBatchesAreAFunctionOfSeedAndStep(t *testing.T) {
	set := &Set{}
	for i := range 20 {
		set.Examples = append(set.Examples, Example{Caption: strings.Repeat("a", i+1), Source: fmt.Sprint(i), path: fileOf(t, pngOf(t, color.White))})
	}
	encoded, err := Encode(set, Encoding{OriginalVocabulary(), 20, ImageOptions{4, AlphaDrop}})
	if err != nil {
		t.Fatal(err)
	}
	rows := func(b *Batches, n int) (all [][]int32) {
		for batch, err := range b.Iter() {
			if err != nil {
				t.Fatal(err)
			}
			ids := batch.Inputs[1].Value().([][]int32)
			seen := map[string]bool{}
			for _, row := range ids {
				seen[fmt.Sprint(row)] = true
				all = append(all, row)
			}
			if len(seen) != len(ids) {
				t.Fatal("an example appears twice in a batch")
			}
			if n--; n == 0 {
				return all
			}
		}
		return all
	}
	training := func(seed int64) *Batches {
		b, err := encoded.Batches("train", 8, seed)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := rows(training(1), 6)
	if !reflect.DeepEqual(first[3*8:], rows(training(1).StartAt(3), 3)) {
		t.Error("a resumed run sees other batches")
	}
	if reflect.DeepEqual(first, rows(training(2), 6)) {
		t.Error("the seed changes nothing")
	}
	counted := 0
	for batch := range encoded.Sequential("all", 8).Iter() {
		for _, targets := range batch.Labels[0].Value().([][]int32) {
			if targets[0] != ignoreTarget {
				counted++
			}
		}
	}
	if counted != 20 {
		t.Errorf("the sequential pass counts %d examples of 20", counted)
	}
}

func TestBatchSizes(t *testing.T) {
	set := &Set{Name: "two"}
	for i := range 2 {
		set.Examples = append(set.Examples, Example{Caption: "a", Source: fmt.Sprint(i), path: fileOf(t, pngOf(t, color.White))})
	}
	encoded, err := Encode(set, Encoding{OriginalVocabulary(), 3, ImageOptions{4, AlphaDrop}})
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, -1} {
		want := fmt.Sprintf("batch size %d: at least 1 is needed", size)
		if _, err := encoded.Batches("train", size, 0); err == nil || err.Error() != want {
			t.Errorf("Batches: %v", err)
		}
		for _, batches := range []*Batches{encoded.Sequential("all", size), encoded.WithReplacement("some", size, 2, 0)} {
			for _, err := range batches.Iter() {
				if err == nil || err.Error() != want {
					t.Errorf("%s: %v", batches.Name(), err)
				}
			}
		}
	}
	// More rows than examples: only possible with replacement.
	n := 0
	for batch, err := range encoded.WithReplacement("validation", 8, 40, 1).Iter() {
		if err != nil {
			t.Fatal(err)
		}
		if got := batch.Inputs[0].Shape().Dimensions; !reflect.DeepEqual(got, []int{8, 4, 4, 3}) {
			t.Fatalf("images are %v", got)
		}
		n++
	}
	if n != 40 {
		t.Errorf("%d batches, want 40", n)
	}
	for _, c := range []Encoding{{nil, 3, ImageOptions{4, AlphaDrop}}, {OriginalVocabulary(), 0, ImageOptions{4, AlphaDrop}}} {
		if _, err := Encode(set, c); err == nil {
			t.Errorf("%v: no error", c)
		}
	}
}

// TestNumbered: equal captions have equal numbers, in alphabetical order.
func TestNumbered(t *testing.T) {
	encoded := &Encoded{Set: &Set{Name: "numbered"}, Size: 1, Length: 1}
	for _, caption := range []string{"b", "a", "c", "a"} {
		encoded.Set.Examples = append(encoded.Set.Examples, Example{Caption: caption})
		encoded.Images = append(encoded.Images, []float32{0, 0, 0})
		encoded.IDs, encoded.Targets = append(encoded.IDs, []int32{0}), append(encoded.Targets, []int32{0})
	}
	for batch := range encoded.Sequential("numbered", 4).Numbered().Iter() {
		if got := tensors.MustCopyFlatData[int32](batch.Labels[1]); !reflect.DeepEqual(got, []int32{1, 0, 2, 0}) {
			t.Errorf("numbers are %v", got)
		}
	}
}
