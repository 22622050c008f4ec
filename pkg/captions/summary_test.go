package captions

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSummary: two pictures, and a word about everything else in the folder.
func TestSummary(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, map[string]string{
		"a.png": encodedPNG(t, 2, 3), "a.txt": "a cat", "b.png": encodedPNG(t, 20, 10), "b.txt": "a café",
		"lost.txt": "of no picture", "notes.md": "to do",
	})
	if err := os.Mkdir(filepath.Join(folder, "inner"), 0o755); err != nil {
		t.Fatal(err)
	}
	set, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`%s: 2 captioned pictures with 2 different captions
pictures   PNG 2; 2x3 to 20x10 pixels
captions   5 to 6 characters, half of them at most 5
characters 6 different, not among the originals' 65: "é" (own characters are needed)
left out   %[2]s/inner: is a folder; only the pictures beside it are read
left out   %[2]s/notes.md: is not a picture (PNG, JPEG, GIF or WebP)
left out   %[2]s/lost.txt: has no picture beside it
`, set.Name, folder)
	if _, err := set.Take(0).Summary(); err == nil {
		t.Error("an empty set is no error")
	}
	if got := set.MustSummary(); got != want {
		t.Errorf("summary is\n%s\nwant\n%s", got, want)
	}

	write(t, folder, map[string]string{"metadata.csv": "file_name,text,split\na.png,a cat,train\n"})
	got := MustOpen(folder).MustSummary()
	for _, want := range []string{"1 captioned pictures with 1 different captions (train 1)", "all among the originals' 65", "b.png: the metadata does not name it"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func encodedPNG(t *testing.T, width, height int) string {
	t.Helper()
	var out strings.Builder
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
