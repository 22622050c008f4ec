package captions

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"
)

// allocated is how many bytes a call allocates; other goroutines allocate too.
func allocated(call func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	call()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func oneLineOnly(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.ContainsAny(text, "\n\r") || !utf8.ValidString(text) {
			t.Errorf("not one line of text: %q", text)
		}
	}
}

// FuzzTable wants of any CSV file an error of one line or rows that are written and read back the same; leaving out is
// never an error more; and memory in proportion to the file.
func FuzzTable(f *testing.F) {
	good := base64.StdEncoding.EncodeToString([]byte("a picture"))
	f.Add([]byte("b64string_images,caption,split\n" + good + ",a house,train\r\n\n\"" + good + "\",\"b \"\"\nc\"\n"))
	f.Add([]byte("\ufeffcaption,b64string_images\na,\"data:image/png;base64," + good + "\"\n"))
	f.Add([]byte("b64string_images;caption\n"))
	for _, c := range badRows {
		f.Add([]byte("b64string_images,caption,split\n" + strings.ReplaceAll(c.row, "$", good) + "\n" + good + ",a,\n"))
	}
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(folder, "data.csv")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		var set *Set
		var err error
		if used, most := allocated(func() { set, err = Open(path) }), uint64(100*len(content)+1<<20); used > most {
			t.Errorf("%d bytes allocated for a file of %d", used, len(content))
		}
		if err != nil {
			oneLineOnly(t, err.Error())
			if some, err := Open(path, SkipBad); err == nil {
				oneLineOnly(t, some.Skipped...)
			} else {
				oneLineOnly(t, err.Error())
			}
			return
		}
		var again bytes.Buffer
		writer := csv.NewWriter(&again)
		writer.Write([]string{"split", "caption", "b64string_images"})
		for _, example := range set.Examples {
			picture, err := example.ImageBytes()
			if err != nil {
				t.Fatal(err)
			}
			writer.Write([]string{example.Split, example.Caption, base64.URLEncoding.EncodeToString(picture)})
		}
		writer.Flush()
		second := filepath.Join(folder, "again.csv")
		if err := os.WriteFile(second, again.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		back, err := Open(second)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(back.Captions(), set.Captions()) || back.Fingerprint() != set.Fingerprint() {
			t.Errorf("read %q, written and read back %q", set.Captions(), back.Captions())
		}
	})
}

// FuzzLines wants the same of metadata.jsonl, beside which there is one picture.
func FuzzLines(f *testing.F) {
	f.Add([]byte(`{"file_name":"a.png","text":"one","split":"train"}` + "\r\n\n" + `{"file_name":"./a.png","caption":"two"}`))
	f.Add([]byte("\ufeff" + `{"file_name":"../a.png","text":"one"}`))
	f.Add([]byte(`{"file_name":"a.png","text":3}`))
	f.Add([]byte(`{"file_name":"a\u0000\n.png","text":"\ud800"}`))
	f.Add([]byte("[1]\n\xff"))
	folder := f.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.png"), []byte("a picture"), 0o644); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(filepath.Join(folder, "metadata.jsonl"), content, 0o644); err != nil {
			t.Fatal(err)
		}
		var set *Set
		var err error
		if used, most := allocated(func() { set, err = Open(folder) }), uint64(200*len(content)+1<<20); used > most {
			t.Errorf("%d bytes allocated for a file of %d", used, len(content))
		}
		if err != nil {
			oneLineOnly(t, err.Error())
			if some, err := Open(folder, SkipBad); err == nil {
				oneLineOnly(t, some.Skipped...)
			} else {
				oneLineOnly(t, err.Error())
			}
			return
		}
		for _, example := range set.Examples {
			if picture, err := example.ImageBytes(); err != nil || string(picture) != "a picture" {
				t.Errorf("%s: picture %q, error %v", example.Source, picture, err)
			}
			if !utf8.ValidString(example.Caption) || strings.TrimSpace(example.Caption) == "" {
				t.Errorf("caption %q", example.Caption)
			}
		}
	})
}

// FuzzBase64 wants an error of one line, or bytes that every dialect of them gives again.
func FuzzBase64(f *testing.F) {
	for _, text := range []string{"", "====", "AAAA", "AA==", "AAA", "AAAAA", "-_+/", "data:image/png;base64,AA\r\nAA", "data:,", "A\x00AA", "AA==AA", "é"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		content, err := decodeBase64(text)
		if err != nil {
			oneLineOnly(t, err.Error())
			return
		}
		if len(content) > len(text) {
			t.Errorf("%d bytes of %d characters", len(content), len(text))
		}
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
			dialect := encoding.EncodeToString(content)
			broken := dialect[:len(dialect)/2] + "\r\n \t" + dialect[len(dialect)/2:]
			for _, text := range []string{dialect, broken, "data:image/png;base64," + dialect} {
				if back, err := decodeBase64(text); err != nil || !bytes.Equal(back, content) {
					t.Errorf("%q: %x, error %v, want %x", text, back, err, content)
				}
			}
		}
		if strict, err := base64.StdEncoding.DecodeString(text); err == nil && !bytes.Equal(strict, content) {
			t.Errorf("%x, the standard says %x", content, strict)
		}
	})
}

// FuzzPicture wants an error of one line, or a picture that is the same when it is written and read again; and never much
// more memory than a picture of its size needs.
func FuzzPicture(f *testing.F) {
	for i := range webps {
		f.Add(webpOf(f, i), true)
	}
	f.Add(pngOf(f, color.NRGBA{1, 2, 3, 4}), false)
	f.Add(pngChunks(1, 1, 8, 3, []byte{1}, "PLTE", "\x00\x00\x00\x09\x08\x07", "tRNS", "\xff\x00", "eXIf", "II*\x00\x08\x00\x00\x00\x00\x00"), true)
	f.Add(pngChunks(50_000, 50_000, 8, 6, nil), true)
	f.Add(cmykOf(f), true)
	f.Add(gifOf(f), false)
	f.Fuzz(func(t *testing.T, content []byte, drop bool) {
		rule := AlphaOverWhite
		if drop {
			rule = AlphaDrop
		}
		var err error
		var pixels int
		used := allocated(func() {
			picture, problem := DecodeImage(content, rule)
			if err = problem; err == nil {
				pixels = picture.Rect.Dx() * picture.Rect.Dy()
			}
		})
		// At most 8 bytes for each pixel where it is decoded, 4 where it is laid on white, 4 where it is turned.
		if most := uint64(16*max(pixels, fewPixels, pixelsPerByte*len(content)) + 1<<20); used > most {
			t.Errorf("%d bytes allocated for %d bytes", used, len(content))
		}
		if err != nil {
			oneLineOnly(t, err.Error())
			return
		}
		picture, _ := DecodeImage(content, rule)
		var again bytes.Buffer
		if err := png.Encode(&again, picture); err != nil {
			t.Fatal(err)
		}
		if back, err := DecodeImage(again.Bytes(), rule); err != nil || !bytes.Equal(back.Pix, picture.Pix) {
			t.Errorf("a picture of %v is another one when it is read again, error %v", picture.Rect, err)
		}
		if values, err := Pixels(content, ImageOptions{4, rule}); err != nil || len(values) != 48 {
			t.Errorf("%d numbers, error %v", len(values), err)
		}
	})
}
