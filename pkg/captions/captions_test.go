package captions

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"seemore/pkg/weights"
)

// readJSON decodes a file of testdata.
func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatal(err)
	}
}

// TestPicturesAgainstPillow compares decoding, resizing and normalising with the originals'.
func TestPicturesAgainstPillow(t *testing.T) {
	const folder = "testdata/E_images"
	var config struct {
		Sizes    []int
		Pictures []struct{ Name, Format string }
	}
	readJSON(t, folder+"/config.json", &config)
	expected := readGzip(t, folder+"/io.safetensors.gz")
	set, err := Open(folder + "/images.csv")
	if err != nil {
		t.Fatal(err)
	}
	for row, picture := range config.Pictures {
		for _, size := range config.Sizes {
			t.Run(fmt.Sprintf("%s/%d", picture.Name, size), func(t *testing.T) {
				pixels, err := Pixels(set.Examples[row].image, ImageOptions{size, AlphaDrop})
				if err != nil {
					t.Fatal(err)
				}
				// The tolerances of the fixture: one grey level without loss, Go's own decoder for JPEG.
				most, mean := 0.02, 0.02
				switch picture.Name {
				case "tall_jpeg_444":
					most, mean = 0.07, 0.01
				case "jpeg_420":
					most, mean = 1.0, 0.08
				}
				want := expected[fmt.Sprintf("out.%d", size)].Floats()[row*3*size*size:][:3*size*size]
				compare(t, pixels, channelsLast(want, size), most, mean)
			})
		}
	}
	for name, row := range map[string]int{"tall_jpeg_444": 8, "jpeg_420": 11} {
		t.Run(name+" from Pillow's pixels", func(t *testing.T) {
			decoded := expected["decoded."+name]
			picture := image.NewNRGBA(image.Rect(0, 0, decoded.Shape[1], decoded.Shape[0]))
			for i := range len(decoded.Floats()) / 3 {
				rgb := decoded.Floats()[3*i:]
				copy(picture.Pix[4*i:], []byte{byte(rgb[0]), byte(rgb[1]), byte(rgb[2]), 255})
			}
			want := expected["out.32"].Floats()[row*3*32*32:][:3*32*32]
			compare(t, Normalise(Resize(picture, 32)), channelsLast(want, 32), 0.02, 0.02)
		})
	}
}

func readGzip(t *testing.T, path string) map[string]weights.Tensor {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	tensors, err := weights.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	return tensors
}

func channelsLast(planes []float32, size int) []float32 {
	pixels := make([]float32, len(planes))
	for i := range size * size {
		for channel := range 3 {
			pixels[3*i+channel] = planes[channel*size*size+i]
		}
	}
	return pixels
}

func compare(t *testing.T, got, want []float32, most, mean float64) {
	t.Helper()
	var largest, sum float64
	for i := range want {
		difference := math.Abs(float64(got[i] - want[i]))
		largest, sum = max(largest, difference), sum+difference
	}
	if average := sum / float64(len(want)); largest > most || average > mean {
		t.Errorf("largest difference %.4g (tolerance %g), mean %.4g (tolerance %g)", largest, most, average, mean)
	}
}

// TestBatchesAgainstOriginal compares ids, targets and splits with the originals'.
func TestBatchesAgainstOriginal(t *testing.T) {
	const folder = "testdata/F_get_batch"
	var config struct {
		Calls          []struct{ Name string }
		SplitExamples  map[string]int     `json:"split_examples"`
		EncodeExamples map[string][]int32 `json:"encode_examples"`
		Outside        map[string]*string `json:"captions_outside_the_vocabulary"`
		ImageSize      int                `json:"img_size"`
	}
	readJSON(t, folder+"/config.json", &config)
	expected, err := weights.ReadFile(folder + "/io.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	vocabulary := OriginalVocabulary()
	for caption, want := range config.EncodeExamples {
		got, err := vocabulary.Encode(caption)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Encode(%q) = %v, %v, want %v", caption, got, err, want)
		}
		if back := vocabulary.Decode(got); back != caption {
			t.Errorf("Decode(Encode(%q)) = %q", caption, back)
		}
	}
	for caption, failure := range config.Outside {
		if _, err := vocabulary.Encode(caption); (err != nil) != (failure != nil) {
			t.Errorf("Encode(%q): error %v", caption, err)
		}
	}
	for n, want := range config.SplitExamples {
		var rows int
		fmt.Sscan(n, &rows)
		train, rest := (&Set{Examples: make([]Example, rows)}).SplitAt(0.9)
		if train.Len() != want || rest.Len() != rows-want {
			t.Errorf("%d rows split into %d and %d, want %d", rows, train.Len(), rest.Len(), want)
		}
	}
	set := readBatchTable(t, folder+"/batch.csv")
	for _, call := range config.Calls {
		rows := expected["out."+call.Name+".rows"].Ints()
		ids := expected["out."+call.Name+".idx"]
		encoding := Encoding{vocabulary, ids.Shape[1], ImageOptions{config.ImageSize, AlphaDrop}}
		chosen := &Set{Name: call.Name}
		for _, row := range rows {
			chosen.Examples = append(chosen.Examples, set.Examples[int(row)%set.Len()])
		}
		encoded, err := Encode(chosen, encoding)
		if err != nil {
			t.Fatal(err)
		}
		targets := expected["out."+call.Name+".targets"].Ints()
		for i := range rows {
			for position := range encoded.Length {
				at := i*encoded.Length + position
				if int64(encoded.IDs[i][position]) != ids.Ints()[at] || int64(encoded.Targets[i][position]) != targets[at] {
					t.Fatalf("%s: row %d, position %d differs", call.Name, i, position)
				}
			}
			size := config.ImageSize
			want := expected["out."+call.Name+".images"].Floats()[i*3*size*size:][:3*size*size]
			compare(t, encoded.Images[i], channelsLast(want, size), 0.02, 0.02)
		}
	}
}

// readBatchTable reads the fixture's table, in which a caption may be empty.
func readBatchTable(t *testing.T, path string) *Set {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	set := &Set{Name: path}
	for i, row := range rows[1:] {
		picture, err := decodeBase64(row[0])
		if err != nil {
			t.Fatal(err)
		}
		set.Examples = append(set.Examples, Example{Caption: row[1], Source: fmt.Sprint(i), image: picture})
	}
	return set
}

// pngOf makes a small picture of one colour.
func pngOf(t *testing.T, c color.Color) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 4, 4))
	for i := range 16 {
		picture.Set(i%4, i/4, c)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAlphaRules(t *testing.T) {
	half := pngOf(t, color.NRGBA{200, 0, 0, 128})
	for rule, want := range map[AlphaRule]color.NRGBA{
		AlphaDrop: {200, 0, 0, 255}, AlphaOverWhite: {228, 127, 127, 255},
	} {
		picture, err := DecodeImage(half, rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := picture.NRGBAAt(1, 1); got != want {
			t.Errorf("%s: %v, want %v", rule, got, want)
		}
	}
}

func TestFolders(t *testing.T) {
	picture := pngOf(t, color.White)
	for name, files := range map[string]map[string]string{
		"csv":   {"metadata.csv": "file_name,text,split\r\na.png,one,train\r\nb.png,two,test\r\n"},
		"jsonl": {"metadata.jsonl": `{"file_name":"a.png","text":"one","split":"train"}` + "\n" + `{"file_name":"b.png","caption":"two","split":"test"}`},
		"pairs": {"a.txt": "one\n", "b.txt": "two"},
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

func write(t *testing.T, folder string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
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
		{"columns.csv", "image,caption\nx,y\n", "column b64string_images is missing; found: image, caption"},
		{"ragged.csv", "b64string_images,caption\n" + good + ",a,b\n", "row 1: record on line 2: wrong number of fields"},
		{"quotes.csv", "b64string_images,caption\n\"" + good + ",a\n", "row 1: "},
		{"base64.csv", "b64string_images,caption\n" + good + ",a\nab$d,b\n", "base64.csv row 2: b64string_images is not base64: found '$' at character 3"},
		{"nocaption.csv", "b64string_images,caption\n" + good + ",\n", "nocaption.csv row 1: the caption is empty"},
		{"nopicture.csv", "b64string_images,caption\n,a\n", "row 1: b64string_images is empty"},
		{"html.csv", "b64string_images,caption\nPGh0bWw+,a\n", `row 1: is not a picture: expected PNG, JPEG, GIF or WebP, found 6 bytes beginning with "<html>"`},
		{"truncated.csv", "b64string_images,caption\n" + good[:len(good)-28] + ",a\n", "row 1: the png picture is truncated or damaged"},
		{"unknown.csv", "b64string_images,caption\n" + good + ",caf\u00e9\n", `row 1: character 'é' (U+00E9) at position 4 of "café" is not in the vocabulary of 65 characters`},
		{"long.csv", "b64string_images,caption\n" + good + ",a rather long caption\n", `row 1: the caption "a rather long caption" has 21 characters: at most 10`},
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

func TestBatchesAreAFunctionOfSeedAndStep(t *testing.T) {
	set := &Set{}
	for i := range 20 {
		set.Examples = append(set.Examples, Example{Caption: strings.Repeat("a", i+1), Source: fmt.Sprint(i), image: pngOf(t, color.White)})
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

func ExampleVocabulary_Encode() {
	ids, err := OriginalVocabulary().Encode("A dog.")
	fmt.Println(ids, err)
	_, err = OriginalVocabulary().Encode("5 dogs")
	fmt.Println(err)
	// Output:
	// [13 1 42 53 45 8] <nil>
	// character '5' (U+0035) at position 1 of "5 dogs" is not in the vocabulary of 65 characters
}
