package captions

import (
	"encoding/base64"
	"fmt"
	"image/color"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDialects: one row of each, with the captions that come out.
func TestDialects(t *testing.T) {
	picture := pngOf(t, color.NRGBA{251, 255, 254, 255})
	good := base64.StdEncoding.EncodeToString(picture)
	url := strings.NewReplacer("+", "-", "/", "_").Replace(good)
	if !strings.Contains(good, "=") || url == good {
		t.Fatal("the picture's base64 has no padding, or the same digits in both alphabets")
	}
	lines := `"` + good[:40] + "\r\n" + good[40:] + "\n" + `"`
	const header = "b64string_images,caption\n"
	for _, c := range []struct{ name, content, want string }{
		{"plain", header + good + ",a\n", "a"},
		{"no padding", header + strings.TrimRight(good, "=") + ",a\n", "a"},
		{"URL alphabet", header + url + ",a\n", "a"},
		{"URL alphabet, no padding", header + strings.TrimRight(url, "=") + ",a\n", "a"},
		{"line breaks", header + lines + ",a\n", "a"},
		{"spaces", header + "  " + good[:4] + "\t " + good[4:] + ",a\n", "a"},
		{"data URI", header + "\"data:image/png;base64," + good + "\",a\n", "a"},
		{"data URI with line breaks", header + "\"\n data:image/png;charset=x;base64,\n" + good + "\",a\n", "a"},
		{"byte order mark", "\ufeff" + header + good + ",a\n", "a"},
		{"CRLF", strings.ReplaceAll(header, "\n", "\r\n") + good + ",a\r\n" + good + ",b\r\n", "a|b"},
		{"no line break at the end", header + good + ",a", "a"},
		{"empty lines", "\n" + header + "\n" + good + ",a\n\r\n\n" + good + ",b\n\n", "a|b"},
		{"quoted line breaks", header + good + ",\"a\nb\"\n" + good + ",\"c \"\"d\"\"\"\n", "a\nb|c \"d\""},
		{"other columns", "id,text,b64string_images,split\n1,a," + good + ",train\n", "a"},
		{"caption before text", "text,caption,b64string_images\nb,a," + good + "\n", "a"},
		{"spaces in the header", " b64string_images , caption\n" + good + ",a\n", "a"},
		{"quoted header", "\"b64string_images\",\"caption\"\n" + good + ",a\n", "a"},
		{"one character", header + good + ",x\n", "x"},
		{"blank around", header + good + ",  a \n", "  a "},
		{"any Unicode", header + good + ",🧑\u200d🚀 e\u0301 \u202eא \u0000 \ufffd\n", "🧑\u200d🚀 e\u0301 \u202eא \u0000 \ufffd"},
	} {
		path := filepath.Join(t.TempDir(), "data.csv")
		write(t, filepath.Dir(path), map[string]string{"data.csv": c.content})
		set, err := Open(path)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := strings.Join(set.Captions(), "|"); got != c.want {
			t.Errorf("%s: captions %q, want %q", c.name, got, c.want)
		}
		if content, err := set.Examples[0].ImageBytes(); err != nil || string(content) != string(picture) {
			t.Errorf("%s: the picture is another one, error %v", c.name, err)
		}
		vocabulary := MustVocabularyOf(set.Captions())
		if encoded, err := Encode(set, Encoding{vocabulary, LongestCaption(set), ImageOptions{8, AlphaOverWhite}}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := vocabulary.Decode(encoded.IDs[0]); got != set.Examples[0].Caption {
			t.Errorf("%s: %q is %q when it is written", c.name, set.Examples[0].Caption, got)
		}
	}
}

// badRows are rows that cannot be used, with a part of what is said about each; $ is a good picture.
var badRows = []struct{ name, row, want string }{
	{"no picture", ",a", "b64string_images is empty"},
	{"padding only", "====,a", "found '=' at character 1"},
	{"blanks", "\" \n\",a", "b64string_images is empty"},
	{"another character", "AAAA$AAA,a", "found '$' at character 5"},
	{"a letter that is not ASCII", "AAé,a", "found 'é' at character 3"},
	{"behind line breaks", "\"AA\nAA\n*\",a", "found '*' at character 7"},
	{"behind padding", "AA==AAAA,a", "found 'A' at character 5"},
	{"a zero byte", "AA\x00A,a", `found '\x00' at character 3`},
	{"one digit too many", "AAAAA,a", "it is cut off"},
	{"data URI without a comma", "data:image/png;base64,a", "the number of fields is 2, that of the header 3"}, // the comma ends the field
	{"data URI, percent", "\"data:image/svg+xml,%3Csvg/%3E\",a", "a data URI that is not in base64"},
	{"HTML", "PCFET0NUWVBFIGh0bWw+,a", `is not a picture: expected PNG, JPEG, GIF or WebP, found 15 bytes beginning with "<!DOCTYP"`},
	{"no caption", "$,", "the caption is empty"},
	{"blank caption", "$,\" \t\n\"", "the caption is empty"},
	{"a split of two lines", "$,a,\"train\ning\"", `split is "train\ning": a name of one line expected`},
	{"Latin-1", "$,caf\xe9", "the caption is not text in UTF-8: found byte 0xe9 at position 4"},
	{"one field", "$", "the number of fields is 1, that of the header 3"},
	{"four fields", "$,a,b,c", "the number of fields is 4, that of the header 3"},
	{"another separator", "$;a;", "the number of fields is 1, that of the header 3"},
	{"a quote in a field", "$,a 3\" nail", "found a quote inside a field without quotes"},
	{"a quote that is not doubled", "$,\"a \"red\" one\"", "found a quoted field that does not end"},
	{"a quote that is not closed", "$,\"a", "found a quoted field that does not end"},
}

// TestBadRows: each is refused with its number, and left out on demand, alone or among good ones.
func TestBadRows(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(pngOf(t, color.White))
	const header = "b64string_images,caption,split\n"
	content := header
	for i, c := range badRows {
		row := strings.ReplaceAll(c.row, "$A", "%A")
		row = strings.ReplaceAll(strings.ReplaceAll(row, "$", good), "%A", "$A") // "AAAA$AAA" keeps its own
		if !strings.Contains(c.want, "that of the header") && !strings.Contains(c.want, "a quote") && !strings.Contains(c.want, "split") {
			row += ","
		}
		path := filepath.Join(t.TempDir(), "data.csv")
		write(t, filepath.Dir(path), map[string]string{"data.csv": header + good + ",good,\n" + row + "\n"})
		set, err := Open(path)
		if err == nil {
			_, err = Encode(set, Encoding{MustVocabularyOf(set.Captions()), 30, ImageOptions{8, AlphaOverWhite}})
		}
		if err == nil || !strings.Contains(err.Error(), "data.csv row 2: ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error is %v, want %q", c.name, err, c.want)
		}
		content += row + "\n" + fmt.Sprintf("%s,good %d,\n", good, i)
	}
	path := filepath.Join(t.TempDir(), "data.csv")
	write(t, filepath.Dir(path), map[string]string{"data.csv": content})
	set, err := Open(path, SkipBad)
	if err != nil {
		t.Fatal(err)
	}
	if set.Len() != len(badRows) || len(set.Skipped) != len(badRows) {
		t.Errorf("%d rows are kept and %d left out, want %d of both: %q", set.Len(), len(set.Skipped), len(badRows), set.Skipped)
	}
	for i, c := range badRows {
		want := fmt.Sprintf("row %d: ", 2*i+1)
		if !slices.ContainsFunc(set.Skipped, func(text string) bool { return strings.Contains(text, want) && strings.Contains(text, c.want) }) {
			t.Errorf("%s: %q and %q are not said", c.name, want, c.want)
		}
	}
	summary := set.MustSummary()
	if !strings.Contains(summary, "left out   "+path+" row 1: b64string_images is empty") || !strings.Contains(summary, fmt.Sprintf("and %d more, %d in all", len(badRows)-5, len(badRows))) {
		t.Errorf("the summary is\n%s", summary)
	}
	write(t, filepath.Dir(path), map[string]string{"bad.csv": header + ",a,\n$,b,\n"})
	if _, err := Open(filepath.Join(filepath.Dir(path), "bad.csv"), SkipBad); err == nil || !strings.Contains(err.Error(), "no captioned picture that can be used, 2 were left out; the first one: ") {
		t.Errorf("nothing but bad rows: error is %v", err)
	}
}

// TestBadHeaders: no row can be used, so nothing is left out.
func TestBadHeaders(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"empty", "", "is empty; expected a header"},
		{"only a mark", "\ufeff", "is empty; expected a header"},
		{"twice", "b64string_images,caption,caption\n", "column caption is there twice"},
		{"pictures twice", "b64string_images,b64string_images,text\n", "column b64string_images is there twice"},
		{"missing", "iVBORw0KGgo=,a house\n", `column b64string_images is missing; found: "iVBORw0KGgo=, a house"`},
		{"semicolons", "b64string_images;caption\n", `the fields are separated by ";", expected commas`},
		{"tabs", "id\tb64string_images\tcaption\n", `the fields are separated by "\t", expected commas`},
		{"bars", "\"b64string_images\"|\"caption\"\n", "is not CSV: the header: found a quoted field"},
		{"bars without quotes", "b64string_images|caption\n", `the fields are separated by "|", expected commas`},
		{"carriage returns", "b64string_images,caption\rAAAA,a\r", "the lines end with a carriage return alone"},
		{"UTF-16", "\xfe\xff\x00b\x006\n", "is text in UTF-16, expected UTF-8"},
		{"a quote", "\"b64string_images,caption\n", "is not CSV: the header: found a quoted field that does not end"},
	} {
		path := filepath.Join(t.TempDir(), "data.csv")
		write(t, filepath.Dir(path), map[string]string{"data.csv": c.content})
		for _, options := range [][]Option{nil, {SkipBad}} {
			if _, err := Open(path, options...); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: error is %v, want %q", c.name, err, c.want)
			}
		}
	}
	for _, path := range []string{"/dev/zero", "/dev/null"} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "is neither a file nor a folder") {
			t.Errorf("%s: error is %v", path, err)
		}
	}
}
