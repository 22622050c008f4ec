package efficientnet

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/nlpodyssey/gopickle/pytorch"
)

func tensorOf(offset int, shape, strides []int) *pytorch.Tensor {
	return &pytorch.Tensor{StorageOffset: offset, Size: shape, Stride: strides}
}

// randomEncoder has the network without its training, at a small resolution.
func randomEncoder(t *testing.T) *Encoder {
	t.Helper()
	e := &Encoder{Resolution: 8, sum: "abc", backend: testBackend(t), store: model.NewStore(), compiled: map[network]*model.Exec{}}
	if err := Fill(e.store.RootScope(), randomParameters()); err != nil {
		t.Fatal(err)
	}
	return e
}

// pictures are n of size 2x2, all different.
func pictures(n int) [][]float32 {
	images := make([][]float32, n)
	for i := range images {
		images[i] = make([]float32, 2*2*3)
		for j := range images[i] {
			images[i][j] = float32((i*7+j*j)%11) / 5
		}
	}
	return images
}

// TestFeaturesOfManyPictures: a picture's features depend neither on the batch that it is in nor on its place.
func TestFeaturesOfManyPictures(t *testing.T) {
	e, images := randomEncoder(t), pictures(encoderBatch+3)
	images = append(images, images[1])
	all, err := e.Features(images, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(images) || len(all[0]) != FeatureDim || !reflect.DeepEqual(all[1], all[len(all)-1]) || reflect.DeepEqual(all[0], all[1]) {
		t.Fatal("the features are not those of the pictures")
	}
	for _, i := range []int{0, encoderBatch - 1, encoderBatch + 2} {
		one, err := e.Features(images[i:i+1], 2)
		if err != nil {
			t.Fatal(err)
		}
		if worst := relative(all[i], one[0]); worst > 1e-5 {
			t.Errorf("picture %d alone differs by %g", i, worst)
		}
	}
	if none, err := e.Features(nil, 2); err != nil || len(none) != 0 {
		t.Errorf("no pictures: %v, error %v", none, err)
	}
	before := all[0]
	e.Resolution = 40
	if larger, err := e.Features(images[:1], 2); err != nil || reflect.DeepEqual(larger[0], before) {
		t.Errorf("another resolution changes nothing, error %v", err)
	}
	if maps, err := e.FeatureMaps(images[:1], 2); err != nil || len(maps[0]) != 2*2*FeatureDim {
		t.Errorf("the feature map of 40x40 pixels is not 2x2: error %v", err)
	}
	for _, size := range []int{0, -1, 3} {
		if _, err := e.Features(images, size); err == nil {
			t.Errorf("pictures of size 2 as size %d: no error", size)
		}
	}
}

func TestCachedFeatures(t *testing.T) {
	e, images, folder := randomEncoder(t), pictures(2), filepath.Join(t.TempDir(), "features")
	var warnings []string
	cached := func() [][]float32 {
		features, err := CachedFeatures(e, folder, "test", images, 2, func(w string) { warnings = append(warnings, w) })
		if err != nil {
			t.Fatal(err)
		}
		return features
	}
	kept := func() []string {
		paths, _ := filepath.Glob(filepath.Join(folder, "*"))
		return paths
	}
	want := cached()
	if len(kept()) != 1 || !strings.HasPrefix(filepath.Base(kept()[0]), "test-") {
		t.Fatalf("kept: %v", kept())
	}
	sound, err := os.ReadFile(kept()[0])
	if err != nil {
		t.Fatal(err)
	}
	// Read back rather than computed: without its variables the network could not be.
	store := e.store
	e.store = nil
	if got := cached(); !reflect.DeepEqual(got, want) || len(warnings) > 0 {
		t.Errorf("the kept features are others, warnings %q", warnings)
	}
	e.store, e.compiled = store, map[network]*model.Exec{}

	flipped := append([]byte{}, sound...)
	flipped[len(flipped)-100] ^= 1
	for name, content := range map[string][]byte{"cut off": sound[:len(sound)/2], "a text": []byte("hello"), "one bit": flipped} {
		warnings = nil
		if err := os.WriteFile(kept()[0], content, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := cached(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: other features", name)
		}
		if len(warnings) != 1 || strings.Contains(warnings[0], "\n") || !strings.Contains(warnings[0], kept()[0]) {
			t.Errorf("%s: warnings %q", name, warnings)
		}
		if again, _ := os.ReadFile(kept()[0]); string(again) != string(sound) {
			t.Errorf("%s: the file was not made again", name)
		}
	}

	// Each of these makes a file of its own.
	warnings = nil
	e.sum = "other weights"
	cached()
	e.Resolution = 9
	cached()
	images[1][0]++
	cached()
	images[0], images[1] = images[1], images[0]
	cached()
	if len(kept()) != 5 || len(warnings) > 0 {
		t.Errorf("kept: %v, warnings %q", kept(), warnings)
	}

	folder = kept()[0] // a file: nothing can be kept in it
	if cached(); len(warnings) == 0 || strings.Contains(warnings[0], "\n") {
		t.Errorf("warnings %q", warnings)
	}
}
