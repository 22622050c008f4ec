package captions

import (
	"encoding/base64"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// TestManyPicturesAreKeptInAFile: the same numbers as in memory, each picture once, in a file that nobody finds.
func TestManyPicturesAreKeptInAFile(t *testing.T) {
	text := "b64string_images,caption\n"
	for i := range 20 {
		picture := pngOf(t, color.NRGBA{uint8(10 * (i % 7)), 0, 0, 255})
		text += base64.StdEncoding.EncodeToString(picture) + ",a\n"
	}
	path := fileOf(t, []byte(text))
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	set, encoding := MustOpen(path), Encoding{OriginalVocabulary(), 1, ImageOptions{33, AlphaOverWhite}}
	memory := MustEncode(set, encoding)
	defer func(most int) { inMemory = most }(inMemory)
	inMemory = 1
	file := MustEncode(set, encoding)
	if !reflect.DeepEqual(memory.Images, file.Images) {
		t.Error("the pictures differ")
	}
	if &file.Images[0][0] != &file.Images[7][0] || &file.Images[0][0] == &file.Images[1][0] {
		t.Error("the same picture is there twice, or another one is not there")
	}
	file.Images[0][0] = 7 // whoever writes does not crash
	if entries, _ := os.ReadDir(folder); len(entries) > 0 {
		t.Errorf("files are left: %v", entries)
	}
	t.Setenv("TMPDIR", filepath.Join(folder, "missing"))
	if _, err := Encode(set, encoding); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("nowhere to keep them: error is %v", err)
	}
}

// TestManyRows: what is read needs little memory beside the file.
func TestManyRows(t *testing.T) {
	const rows = 20_000
	picture := strings.Repeat("A", 400) + base64.StdEncoding.EncodeToString(pngOf(t, color.White))
	var text strings.Builder
	text.WriteString("b64string_images,caption\n")
	for i := range rows {
		fmt.Fprintf(&text, "%s,caption %d\n", picture, i)
	}
	path := fileOf(t, []byte(text.String()))
	size := text.Len()
	text.Reset()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	set, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 400*rows || size < 500*rows {
		t.Errorf("%d rows of a file of %d bytes take %d bytes", set.Len(), size, used)
	}
}
