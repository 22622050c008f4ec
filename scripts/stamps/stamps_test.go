package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"seemore/pkg/captions"
)

func Example_captionOf() {
	fmt.Println(captionOf("Grandma’s “old” rag doll.\nach.utf8=Dol macon.\n"))
	fmt.Println(captionOf("Mars—the red planet.\n"))
	fmt.Println(captionOf("\nde.utf8=Birne\n"))
	// Output:
	// Grandma's "old" rag doll. <nil>
	//  a caption with other characters than ASCII
	//  empty caption
}

// TestSplits: what a caption says decides, not how it is written, and a tenth is put aside.
func TestSplits(t *testing.T) {
	aside := 0
	for i := range 1000 {
		split := splitOf(fmt.Sprint("pear ", i))
		for _, form := range []string{"Pear %d.", "A pear %d.", "the PEAR %d", "An pear %d"} {
			if got := splitOf(fmt.Sprintf(form, i)); got != split {
				t.Errorf(form+" is in %s, want %s", i, got, split)
			}
		}
		if split == "new_concept" {
			aside++
		}
	}
	if aside < 70 || aside > 130 {
		t.Errorf("%d of 1000 captions are put aside, want about 100", aside)
	}
}

// stamp writes a picture that is red below and transparent, with black stored there, above.
func stamp(t *testing.T, path string, width, height int) {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := height / 2; y < height; y++ {
		for x := range width {
			picture.SetNRGBA(x, y, color.NRGBA{200, 0, 0, 255})
		}
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, picture); err != nil {
		t.Fatal(err)
	}
}

func TestBuild(t *testing.T) {
	from, out := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(from, "food", "fruit"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"food/fruit/pear": "A pear, \"ripe\".\nde.utf8=Birne\n", "food/bread": "Bread.\n", "huge": "Huge.\n", "broken": "Broken.\n", "saturn": "Saturn—a planet.\n",
	} {
		if err := os.WriteFile(filepath.Join(from, name+".txt"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stamp(t, filepath.Join(from, "food", "fruit", "pear.png"), 200, 100)
	stamp(t, filepath.Join(from, "saturn.png"), 1, 1)
	stamp(t, filepath.Join(from, "huge.png"), mostSide+1, 1)
	if err := os.WriteFile(filepath.Join(from, "broken.png"), []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := build(from, out); err != nil {
		t.Fatal(err)
	}
	set, err := captions.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != 1 || set.Examples[0].Caption != `A pear, "ripe".` || set.Examples[0].Split != splitOf("a pear, \"ripe\"") {
		t.Fatalf("the set is %v", set.Examples)
	}
	if text, err := os.ReadFile(filepath.Join(out, "food", "fruit", "pear.txt")); err != nil || string(text) != "A pear, \"ripe\".\n" {
		t.Errorf("the caption beside it is %q, error %v", text, err)
	}
	picture := set.Examples[0].MustPicture(captions.AlphaOverWhite)
	if picture.Rect.Dx() != 96 || picture.Rect.Dy() != 96 {
		t.Errorf("the picture is %v", picture.Rect)
	}
	// 200x100 in a square of 200: white padding, white where it was transparent, red, white padding.
	white, red := color.NRGBA{255, 255, 255, 255}, color.NRGBA{200, 0, 0, 255}
	for y, want := range map[int]color.NRGBA{5: white, 40: white, 60: red, 90: white} {
		if got := picture.NRGBAAt(48, y); got != want {
			t.Errorf("row %d is %v, want %v", y, got, want)
		}
	}
	if err := build(t.TempDir(), out); err == nil {
		t.Error("an empty folder: no error")
	}
}
