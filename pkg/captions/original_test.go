package captions

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"reflect"
	"testing"

	"seemore/pkg/weights"
)

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
		set.Examples = append(set.Examples, Example{Caption: row[1], Source: fmt.Sprint(i), path: fileOf(t, picture)})
	}
	return set
}
