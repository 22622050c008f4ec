package show

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/ui/plot"
)

func run(label string, values ...float64) Run {
	r := Run{Label: label}
	for step, value := range values {
		r.Points = append(r.Points, plot.Point{MetricName: "train loss", MetricType: "loss", Step: float64(step), Value: value})
	}
	return r
}

// keep writes a picture to the folder named by SEEMORE_SCREENS, for a person to look at.
func keep(t *testing.T, name string, content []byte) {
	t.Helper()
	if folder := os.Getenv("SEEMORE_SCREENS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".png"), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// drawn decodes a PNG and fails if it is all of one colour.
func drawn(t *testing.T, name string, content []byte) image.Image {
	t.Helper()
	keep(t, name, content)
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	colors := map[color.Color]bool{}
	for y := 0; y < picture.Bounds().Dy(); y += 3 {
		for x := 0; x < picture.Bounds().Dx(); x += 3 {
			colors[picture.At(x, y)] = true
		}
	}
	if len(colors) < 3 {
		t.Errorf("%s has %d colours: it is blank", name, len(colors))
	}
	return picture
}
