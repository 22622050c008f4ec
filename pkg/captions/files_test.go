package captions

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFiles: names and links in all three forms of folders, good ones and bad ones.
func TestFiles(t *testing.T) {
	picture := string(pngOf(t, color.White))
	outside := filepath.Join(t.TempDir(), "outside.png")
	write(t, filepath.Dir(outside), map[string]string{"outside.png": picture})
	for _, c := range []struct{ name, file, want string }{
		{"spaces", "a b .png", ""},
		{"a line break", "a\nb.png", ""},
		{"letters", "é 🚀.png", ""},
		{"a link inside", "inside.png", ""},
		{"an absolute link inside", "absolute.png", ""},
		{"a link outside", "outside.png", "is a link that leads out of the folder"},
		{"a link to nothing", "dangling.png", "no such file"},
		{"a link to itself", "loop.png", "too many links"},
		{"a folder", "folder.png", "is a folder"},
		{"a damaged picture", "damaged.png", "is not a picture: expected PNG, JPEG, GIF or WebP"},
		{"an empty file", "empty.png", "found 0 bytes"},
		{"too large", "large.png", "bytes: at most 268435456"},
		{"a bad name", "x\xff\n.png", "is not a picture"},
	} {
		stem := strings.TrimSuffix(c.file, ".png")
		quoted := fmt.Sprintf("%q", c.file)
		for form, files := range map[string]map[string]string{
			"csv":   {"metadata.csv": "file_name,text\ngood.png,good\n\"" + c.file + "\",one\n"},
			"jsonl": {"metadata.jsonl": `{"file_name":"good.png","text":"good"}` + "\n" + `{"file_name":` + quoted + `,"text":"one"}` + "\n"},
			"pairs": {"good.txt": "good", stem + ".txt": "one"},
		} {
			if form == "jsonl" && strings.Contains(c.file, "\xff") || form == "pairs" && c.name == "a folder" {
				continue // JSON has no such name; a folder beside the pictures is none of them
			}
			folder := t.TempDir()
			write(t, folder, files)
			write(t, folder, map[string]string{"good.png": picture, "target": picture, "damaged.png": "none", "empty.png": "", "large.png": ""})
			switch c.name {
			case "a link inside":
				link(t, "target", folder, c.file)
			case "an absolute link inside":
				link(t, filepath.Join(folder, "target"), folder, c.file)
			case "a link outside":
				link(t, outside, folder, c.file)
			case "a link to nothing":
				link(t, "nothing", folder, c.file)
			case "a link to itself":
				link(t, c.file, folder, c.file)
			case "a folder":
				os.Mkdir(filepath.Join(folder, c.file), 0o755)
			case "too large":
				os.Truncate(filepath.Join(folder, c.file), 1<<40)
			case "a bad name":
				write(t, folder, map[string]string{c.file: "none"})
			case "spaces", "a line break", "letters":
				write(t, folder, map[string]string{c.file: picture})
			}
			for _, other := range []string{"damaged", "empty", "large"} {
				if path := filepath.Join(folder, other+".png"); other != stem {
					os.Remove(path)
				}
			}
			t.Chdir(folder)
			set, err := Open(".")
			if err == nil {
				_, err = Encode(set, Encoding{OriginalVocabulary(), 10, ImageOptions{8, AlphaOverWhite}})
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n")) {
				t.Errorf("%s, %s: error is %v, want %q", c.name, form, err, c.want)
			}
			set, err = Open(folder, SkipBad)
			if err != nil {
				t.Fatal(c.name, form, err)
			}
			want, left := []string{"good", "one"}, 0
			if c.want != "" {
				want, left = want[:1], 1
			}
			captions := slices.Sorted(slices.Values(set.Captions()))
			if skipped := slices.DeleteFunc(slices.Clone(set.Skipped), func(text string) bool { return strings.Contains(text, "target: is not a picture") }); !slices.Equal(captions, want) || len(skipped) != left {
				t.Errorf("%s, %s: captions are %q, left out is %q", c.name, form, captions, skipped)
			}
		}
	}
}

func TestReadPicture(t *testing.T) {
	options := ImageOptions{8, AlphaOverWhite}
	if pixels, err := ReadPicture(fileOf(t, pngOf(t, color.White)), options); err != nil || len(pixels) != 192 {
		t.Errorf("%d numbers, error %v", len(pixels), err)
	}
	for path, want := range map[string]string{
		"/dev/zero": "/dev/zero is not a regular file", t.TempDir(): "is a folder", "missing\n.png": `missing\n.png cannot be opened: no such file`,
		fileOf(t, []byte("none")): ": is not a picture",
	} {
		if _, err := ReadPicture(path, options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

func link(t *testing.T, to, folder, name string) {
	t.Helper()
	if err := os.Symlink(to, filepath.Join(folder, name)); err != nil {
		t.Fatal(err)
	}
}
