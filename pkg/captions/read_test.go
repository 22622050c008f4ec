package captions

import (
	"encoding/base64"
	"image/color"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestFolders(t *testing.T) {
	picture := pngOf(t, color.White)
	for name, files := range map[string]map[string]string{
		"csv":   {"metadata.csv": "file_name,text,split\r\na.png,one,train\r\nb.png,two,test\r\n"},
		"jsonl": {"metadata.jsonl": `{"file_name":"a.png","text":"one","split":"train"}` + "\n" + `{"file_name":"b.png","caption":"two","split":"test"}`},
		"marks": {"metadata.jsonl": "\ufeff" + `{"file_name":"a.png","text":"uno","caption":"one","split":"train"}` + "\r\n" + `{"file_name":"b.png","text":"two","split":"test"}` + "\r\n"},
		"pairs": {"a.txt": "\ufeffone\r\n", "b.txt": "two"},
	} {
		folder := t.TempDir()
		files["a.png"], files["b.png"] = string(picture), string(picture)
		write(t, folder, files)
		set, err := Open(folder)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := set.Captions(); !reflect.DeepEqual(got, []string{"one", "two"}) {
			t.Errorf("%s: captions are %q", name, got)
		}
		if splits := set.Splits(); name != "pairs" && !reflect.DeepEqual(splits, []string{"test", "train"}) {
			t.Errorf("%s: splits are %q", name, splits)
		}
	}
}

// TestBadInput: one line each, naming the file or row, what was found and what was expected.
func TestBadInput(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(pngOf(t, color.White))
	folder := t.TempDir()
	for _, c := range []struct{ name, content, want string }{
		{"missing.csv", "", "missing.csv: cannot be opened: no such file"},
		{"empty.csv", "\n", "is empty; expected a header with b64string_images and caption"},
		{"columns.csv", "image,caption\nx,y\n", "column b64string_images is missing; found: \"image, caption\""},
		{"ragged.csv", "b64string_images,caption\n" + good + ",a,b\n", "row 1: the number of fields is 3, that of the header 2; a text with a comma needs quotes"},
		{"quotes.csv", "b64string_images,caption\n\"" + good + ",a\n", "row 1: "},
		{"base64.csv", "b64string_images,caption\n" + good + ",a\nab$d,b\n", "base64.csv row 2: b64string_images is not base64: found '$' at character 3"},
		{"nocaption.csv", "b64string_images,caption\n" + good + ",\n", "nocaption.csv row 1: the caption is empty"},
		{"nopicture.csv", "b64string_images,caption\n,a\n", "row 1: b64string_images is empty"},
		{"html.csv", "b64string_images,caption\nPGh0bWw+,a\n", `row 1: is not a picture: expected PNG, JPEG, GIF or WebP, found 6 bytes beginning with "<html>"`},
		{"truncated.csv", "b64string_images,caption\n" + good[:len(good)-28] + ",a\n", "row 1: the png picture is truncated or damaged"},
		{"unknown.csv", "b64string_images,caption\n" + good + ",caf\u00e9\n", `row 1: character 'é' (U+00E9) at position 4 of "café" is not in the vocabulary of 65 characters`},
		{"long.csv", "b64string_images,caption\n" + good + ",a rather long caption\n", `row 1: the caption "a rather long caption" has 21 characters: at most 10`},
		{"uri.csv", "b64string_images,caption\n\"data:image/png\",a\n", "row 1: b64string_images is a data URI without a comma"},
		{"spreadsheet.csv", "PK\x03\x04\x00\n", `: column b64string_images is missing; found: "PK`},
		{"utf16.csv", "\xff\xfeb\x006\x00\n", ": is text in UTF-16, expected UTF-8"},
		{"header.csv", "b64string_images,caption\n", "has no captioned picture"},
	} {
		path := filepath.Join(folder, c.name)
		if c.content != "" {
			write(t, folder, map[string]string{c.name: strings.TrimPrefix(c.content, "\n")})
		}
		set, err := Open(path)
		if err == nil {
			_, err = Encode(set, Encoding{OriginalVocabulary(), 10, ImageOptions{8, AlphaOverWhite}})
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want %q", c.name, err, c.want)
		}
	}
	write(t, folder, map[string]string{"good.csv": "\ufeffb64string_images,caption\r\n\"data:image/png;base64," + good + "\",a\r\n"})
	set, err := Open(filepath.Join(folder, "good.csv"))
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := Encode(set, Encoding{OriginalVocabulary(), 10, ImageOptions{8, AlphaOverWhite}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := encoded.Batches("train", 2, 0); err == nil || err.Error() != "batch size 2 is larger than the set good of 1 captioned pictures" {
		t.Errorf("batch too large: %v", err)
	}
	if _, err := Encode(&Set{Name: "nothing"}, Encoding{}); err == nil || !strings.Contains(err.Error(), "nothing is empty") {
		t.Errorf("empty set: %v", err)
	}
}

// TestBadFolders: the same for the forms that are folders.
func TestBadFolders(t *testing.T) {
	for _, c := range []struct{ name, file, content, want string }{
		{"column", "metadata.csv", "file_name,label\na.png,one\n", `metadata.csv: column caption is missing; found: "file_name, label"`},
		{"absent", "metadata.csv", "file_name,text\nb.png,one\n", "metadata.csv row 1: the picture \""},
		{"outside", "metadata.csv", "file_name,text\n../b.png,one\n", `metadata.csv row 1: file_name "../b.png" leads out of the folder`},
		{"folder", "metadata.csv", "file_name,text\n.,one\n", `row 1: file_name "." is a folder, not a picture`},
		{"json", "metadata.jsonl", "[1]\n", `metadata.jsonl line 1: found "[1]", expected a JSON object with the texts file_name and text`},
		{"text", "metadata.jsonl", `{"file_name":"a.png"}`, "metadata.jsonl line 1: text is missing"},
		{"broken", "metadata.jsonl", `{"file_name":"broken.png","text":"one"}`, `metadata.jsonl line 1: is not a picture: expected PNG, JPEG, GIF or WebP, found 4 bytes beginning with "none"`},
		{"alone", "other.txt", "one", "a.png: has no caption; expected a.txt beside it"},
	} {
		folder := t.TempDir()
		write(t, folder, map[string]string{c.file: c.content, "a.png": string(pngOf(t, color.White)), "broken.png": "none"})
		set, err := Open(folder)
		if err == nil {
			_, err = Encode(set, Encoding{OriginalVocabulary(), 10, ImageOptions{8, AlphaOverWhite}})
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want %q", c.name, err, c.want)
		}
	}
}
