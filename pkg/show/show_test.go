package show

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
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
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			colors[picture.At(x, y)] = true
		}
	}
	if len(colors) < 3 {
		t.Errorf("%s has %d colours: it is blank", name, len(colors))
	}
	return picture
}

func TestCurvesInBothForms(t *testing.T) {
	band := BandOf("PyTorch, three seeds", 0.25, []float64{4, 1, 0.2, 0.1}, []float64{4.4, 1.2, 0.3, 0.1})
	figure := Curves(CurveOptions{Title: "Training loss", LogY: true, Bands: []Band{band}}, run("ours", 4.2, 1.1, 0.2, 0.09), run("other", 4, 2, 1, 0.5))
	picture := drawn(t, "curves", figure.PNG())
	if got := picture.Bounds().Size(); got != image.Pt(900, 440) {
		t.Errorf("size is %v", got)
	}
	traces := figure.Plotly()["data"].([]any)
	if len(traces) != 3 {
		t.Fatalf("%d traces, want the band and two lines", len(traces))
	}
	ys := traces[1].(map[string]any)["y"].([]any)
	if !reflect.DeepEqual(ys, []any{4.2, 1.1, 0.2, 0.09}) {
		t.Errorf("the line's values are %v", ys)
	}
	if outside := band.Outside(run("", 4, 1, 9, 0.1), "train loss", 1); !reflect.DeepEqual(outside, []int{2}) {
		t.Errorf("outside the band at %v, want step 2", outside)
	}
}

func TestTitlesSurvive(t *testing.T) {
	for _, title := range []string{`model's "loss"`, "a\nb", `C:\x`, `$\alpha$`, "<b>&"} {
		figure := Curves(CurveOptions{Title: title}, run(title, 2, 1))
		encoded, err := json.Marshal(figure.Plotly())
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(string(encoded), "$") || strings.Contains(string(encoded), "<b>") {
			t.Errorf("%q would be read as markup: %s", title, encoded)
		}
		drawn(t, "title", figure.PNG())
	}
}

func TestNonFiniteValuesAreSaid(t *testing.T) {
	figure := Curves(CurveOptions{Title: "x", LogY: true}, run("ours", 3, math.NaN(), 0, math.Inf(1), 1))
	drawn(t, "nan", figure.PNG())
	if len(figure.Notes) != 1 || !strings.Contains(figure.alt(), "3 values are not finite or not positive") {
		t.Errorf("notes are %q", figure.Notes)
	}
	if _, err := json.Marshal(figure.Plotly()); err != nil {
		t.Error(err)
	}
	for _, empty := range []*Figure{Curves(CurveOptions{LogY: true}), Curves(CurveOptions{}, run("ours", math.NaN()))} {
		empty.PNG()
		empty.Plotly()
	}
}

// TestFigureReachesTheKernel sends a figure the way gonbui does.
func TestFigureReachesTheKernel(t *testing.T) {
	sent := map[string]any{"figure": any(Curves(CurveOptions{Title: "x"}, run("ours", 2, 1)).Plotly())}
	var wire bytes.Buffer
	if err := gob.NewEncoder(&wire).Encode(sent); err != nil {
		t.Fatal(err)
	}
	var received map[string]any
	if err := gob.NewDecoder(&wire).Decode(&received); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(sent, received) {
		t.Error("the figure changed on the way")
	}
}

func TestLongRunsAreThinnedWithoutLosingExtremes(t *testing.T) {
	values := make([]float64, 50_000)
	for i := range values {
		values[i] = 1
	}
	values[31_337] = 7
	line := Curves(CurveOptions{}, run("long", values...)).Lines[0]
	if len(line.X) > mostPoints+2 {
		t.Errorf("%d points are drawn", len(line.X))
	}
	highest := 0.0
	for _, y := range line.Y {
		highest = max(highest, y)
	}
	if highest != 7 {
		t.Error("the peak was thinned away")
	}
}

func TestLiveDrawsSeldomAndTheLastFrameIsWhole(t *testing.T) {
	live := NewLive(CurveOptions{Title: "live"}, "run", run("earlier", 3, 2))
	for _, point := range run("", make([]float64, 1000)...).Points {
		live.AddPoint(point)
		live.DynamicSampleDone(false)
	}
	live.Done()
	if live.draws > 20 {
		t.Errorf("drawn %d times for 1000 points", live.draws)
	}
	if got := len(live.figure().Lines[1].X); got != 1000 {
		t.Errorf("the last frame has %d of 1000 points", got)
	}
}

func TestLoadRun(t *testing.T) {
	folder := t.TempDir()
	write := func(content string) {
		if err := os.WriteFile(filepath.Join(folder, plot.TrainingPlotFileName), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"MetricName":"train loss","Step":0,"Value":4}` + "\n" + `{"MetricName":"train lo`)
	run, err := LoadRun("cut off", folder)
	if err != nil || len(run.Points) != 1 {
		t.Errorf("%d points, error %v", len(run.Points), err)
	}
	write("not json\n" + `{"MetricName":"train loss","Step":0,"Value":4}`)
	if _, err := LoadRun("damaged", folder); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("error is %v", err)
	}
}

func TestPictures(t *testing.T) {
	photo := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	for i := range 96 * 96 {
		photo.Set(i%96, i/96, color.NRGBA{uint8(2 * (i % 96)), uint8(i / 40), 120, 255})
	}
	heads := make([][]float64, 8)
	for h := range heads {
		heads[h] = make([]float64, 36)
		for i := range heads[h] {
			heads[h][i] = float64((i*(h+3))%36) / 36
		}
	}
	sheet := []Captioned{{photo, "red apple", "red apple"}, {photo, "a long caption that needs two lines at least", "green tree"}, {photo, "", "new"}}
	for name, picture := range map[string]image.Image{
		"patches": Patches(photo, 16), "mask": CausalMask([]string{"image", "A", " ", "d", "o", "g"}),
		"attention": Attention(photo, heads, 6, 6), "sheet": ContactSheet(sheet, 4),
	} {
		drawn(t, name, encodePNG(picture))
	}
	drawn(t, "bars", BarChart("next character", "probability", []string{"a", "b", "e"}, []float64{0.2, 0.7, 0.1}).PNG())
}

func ExampleBandOf() {
	band := BandOf("three seeds", 0.25, []float64{4, 1}, []float64{4.4, 0.8})
	fmt.Println(band.Low, band.High)
	// Output: [3 0.6000000000000001] [5.5 1.25]
}
