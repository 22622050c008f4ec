package captions

import (
	"slices"
	"strings"
	"testing"
)

func TestDisjoint(t *testing.T) {
	example := func(name string, picture string) Example {
		return Example{Caption: name, Source: name + ".png", path: fileOf(t, []byte(picture))}
	}
	a := &Set{Name: "train", Examples: []Example{example("apple", "1"), example("bird", "2")}}
	if err := Disjoint(a, &Set{Name: "other", Examples: []Example{example("apple", "3")}}); err != nil {
		t.Error(err)
	}
	err := Disjoint(a, &Set{Name: "other", Examples: []Example{example("crow", "3"), example("raven", "2")}})
	if err == nil || !strings.Contains(err.Error(), "bird.png (train) and raven.png (other)") {
		t.Errorf("a shared picture: %v", err)
	}
}

func TestWithCaptions(t *testing.T) {
	set := &Set{Name: "all"}
	for _, name := range []string{"apple", "bird", "crow", "door"} {
		set.Examples = append(set.Examples, Example{Caption: name, Split: "train"}, Example{Caption: name, Split: "new_drawing"})
	}
	set.Examples = append(set.Examples, Example{Caption: "egg", Split: "new_concept"})
	two, three := set.WithCaptions(2), set.WithCaptions(3)
	if two.Len() != 4 || three.Len() != 6 || len(three.Split("new_concept").Examples) != 0 {
		t.Errorf("%d and %d examples, want 4 and 6", two.Len(), three.Len())
	}
	for _, caption := range two.Captions() {
		if !slices.Contains(three.Captions(), caption) {
			t.Errorf("%s is one of two captions but not one of three", caption)
		}
	}
	if set.WithCaptions(0) != set || set.WithCaptions(9) != set {
		t.Error("all captions are not the whole set")
	}
}
