package main

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"testing"
)

func Example_separateArcs() {
	fmt.Println(string(separateArcs([]byte(`<path id="a" d="M1,2a3,3,0,0,1-4,5 6 6 0 01.5.5l1 1A1e1 2 0 1 0 7 8z"/>`))))
	fmt.Println(string(separateArcs([]byte(`<path d="M1,2a3,3,0,0"/>`))))
	// Output:
	// <path id="a" d="M1,2a3 3 0 0 1 -4 5 a6 6 0 0 1 .5 .5 l1 1A1e1 2 0 1 0 7 8 z"/>
	// <path d="M1,2a3,3,0,0"/>
}

func Example_plainName() {
	fmt.Println(plainName(":piñata:"), "|", plainName(":woman’s_hat:"))
	// Output: pinata | woman's hat
}

// TestSplits: a name is new everywhere or nowhere, and the split follows from the name alone.
func TestSplits(t *testing.T) {
	for _, c := range []struct {
		name  string
		train bool
		want  string
	}{
		{"joker", true, "train"}, {"joker", false, "new_drawing"},
	} {
		if got := splitOf(c.name, c.train); got != c.want {
			t.Errorf("splitOf(%q, %t) = %s, want %s", c.name, c.train, got, c.want)
		}
	}
	aside := 0
	for i := range 1000 {
		name := fmt.Sprint("name ", i)
		train, held := splitOf(name, true), splitOf(name, false)
		if (train == "new_concept") != (held == "new_concept") {
			t.Errorf("%q is a new concept in one family only", name)
		}
		if train == "new_concept" {
			aside++
		}
	}
	if aside < 70 || aside > 130 {
		t.Errorf("%d of 1000 names are put aside, want about 100", aside)
	}
}

// TestLinesAreScaled: a line two units wide in a drawing of 72 is a thirty-sixth of the picture, and
// the second arc of a command has its own radius.
func TestLinesAreScaled(t *testing.T) {
	folder := t.TempDir()
	svg := `<svg viewBox="0 0 72 72" xmlns="http://www.w3.org/2000/svg">
		<path fill="none" stroke="#000000" stroke-width="2" d="M0 9H72"/>
		<path fill="#ff0000" d="M36 36a4 4 0 0 1 8 0 14 14 0 0 1 28 0z"/></svg>`
	if err := os.WriteFile(filepath.Join(folder, "0041.svg"), []byte(svg), 0o644); err != nil {
		t.Fatal(err)
	}
	drawn, err := openmoji(folder)("A")
	if err != nil {
		t.Fatal(err)
	}
	opaque := func(x, y int) bool { return color.AlphaModel.Convert(drawn.At(x, y)).(color.Alpha).A > 128 }
	height := 0
	for y := range 72 {
		if opaque(140, y) {
			height++
		}
	}
	if height != 8 {
		t.Errorf("the line is %d of 288 pixels high, want 8", height)
	}
	// The second arc reaches 14 units above its centre at 58, 36.
	if !opaque(58*4, 24*4) || opaque(58*4, 20*4) {
		t.Error("the second arc is not a half circle of radius 14")
	}
}
