package captions

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
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

// pngOf makes a small picture of one colour.
func pngOf(t testing.TB, c color.Color) []byte {
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

func write(t testing.TB, folder string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// fileOf is the path of a new file.
func fileOf(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
