package show

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ui/plot"
)

func TestCurvesInBothForms(t *testing.T) {
	band := BandOf("PyTorch, three seeds", 0.25, []float64{4, 1, 0.2, 0.1}, []float64{4.4, 1.2, 0.3, 0.1, 9})
	reference := Reference{"seed 0", []float64{0, 1}, []float64{4, 1}}
	options := CurveOptions{Title: "Training loss", LogY: true, Bands: []Band{band}, References: []Reference{reference}}
	figure := Curves(options, run("ours", 4.2, 1.1, 0.2, 0.09), run("other", 4, 2, 1, 0.5))
	content := figure.PNG()
	if got := drawn(t, "curves", content).Bounds().Size(); got.X != 900 || got.Y < 450 || got.Y > 550 {
		t.Errorf("size is %v", got)
	}
	if len(content) > 60<<10 {
		t.Errorf("the PNG has %d bytes", len(content))
	}
	traces := traces(figure)
	if len(traces) != 4 {
		t.Fatalf("%d traces, want the band, the reference and two lines", len(traces))
	}
	if got := traces[2]["y"]; !reflect.DeepEqual(got, []any{4.2, 1.1, 0.2, 0.09}) {
		t.Errorf("the line's values are %v", got)
	}
	if got := traces[0]["x"]; !reflect.DeepEqual(got, []any{0., 1., 2., 3., 3., 2., 1., 0.}) {
		t.Errorf("the band's outline is at %v", got)
	}
	if _, fixed := figure.Plotly()["layout"].(map[string]any)["width"]; fixed {
		t.Error("the width is fixed")
	}
}

func TestLegendNamesRunAndMetric(t *testing.T) {
	for label, want := range map[string]string{"": "train loss", "mine": "mine: train loss", "this run:": "this run: train loss"} {
		if got := run(label, 1).line("train loss").Label; got != want {
			t.Errorf("%q: got %q", label, got)
		}
	}
}

func TestBandOutside(t *testing.T) {
	everyTenth := Band{Steps: []float64{0, 10, 20}, Low: []float64{3, 2, 1}, High: []float64{5, 4, 3}}
	points := make([]float64, 31)
	points[0], points[10], points[20], points[30] = 4, 9, 2, 99
	if outside := everyTenth.Outside(run("", points...), "train loss", 10); !reflect.DeepEqual(outside, []int{10}) {
		t.Errorf("outside the band at %v, want step 10", outside)
	}
}

func TestOnlyLossesAndOnlyMetricsAskedFor(t *testing.T) {
	r := run("ours", 2, 1)
	r.Points = append(r.Points,
		plot.Point{MetricName: "val loss", MetricType: "loss", Step: 1, Value: 3},
		plot.Point{MetricName: "accuracy", MetricType: "accuracy", Step: 1, Value: 0.5})
	for _, test := range []struct {
		metrics []string
		want    int
	}{{nil, 2}, {[]string{"accuracy"}, 1}, {[]string{"train loss", "typo"}, 1}} {
		figure := Curves(CurveOptions{Metrics: test.metrics}, r)
		if got := len(traces(figure)); got != test.want {
			t.Errorf("%v: %d lines, want %d", test.metrics, got, test.want)
		}
		if said := strings.Contains(figure.Text(), "no run has a metric \"typo\""); said != (len(test.metrics) == 2) {
			t.Errorf("%v: the text is %q", test.metrics, figure.Text())
		}
	}
}

func TestTitlesSurvive(t *testing.T) {
	for title, want := range map[string]string{
		`model's "loss"`: "model&#39;s &#34;loss&#34;", "a\nb": "a<br>b", `C:\x`: `C:\x`, `$\alpha$`: `&#36;\alpha&#36;`, "<b>&": "&lt;b&gt;&amp;",
	} {
		figure := Curves(CurveOptions{Title: title}, run(title, 2, 1))
		encoded, err := json.Marshal(figure.Plotly())
		if err != nil {
			t.Fatal(err)
		}
		var decoded struct {
			Layout struct{ Title struct{ Text string } }
		}
		if err := json.Unmarshal(encoded, &decoded); err != nil || decoded.Layout.Title.Text != want {
			t.Errorf("%q became %q, error %v", title, decoded.Layout.Title.Text, err)
		}
		if !strings.HasPrefix(figure.Text(), title+"\n") {
			t.Errorf("the text is %q", figure.Text())
		}
		drawn(t, "title", figure.PNG())
	}
}

func TestNonFiniteValuesLeaveGaps(t *testing.T) {
	figure := Curves(CurveOptions{Title: "x"}, run("ours", 3, 2, math.NaN(), 2, math.Inf(1), 1))
	drawn(t, "nan", figure.PNG())
	if text := figure.Text(); !strings.Contains(text, "2 of 6 values are not finite, the first at step 2") {
		t.Errorf("the text is %q", text)
	}
	lines := traces(figure)
	if len(lines) != 2 {
		t.Fatalf("%d traces, want the line and the places where it stops", len(lines))
	}
	if got := lines[0]["y"]; !reflect.DeepEqual(got, []any{3., 2., nil, 2., nil, 1.}) {
		t.Errorf("the line is %v", got)
	}
	if got := lines[1]["x"]; !reflect.DeepEqual(got, []any{1., 3.}) {
		t.Errorf("the line stops at steps %v", got)
	}
}

func TestZeroOnALogarithmicAxisIsDrawnAtTheBottom(t *testing.T) {
	wide := BandOf("wide", 1.5, []float64{1, 1, 1})
	figure := Curves(CurveOptions{LogY: true, Bands: []Band{wide}}, run("ours", 3, 0, 0.5, -1))
	drawn(t, "zero", figure.PNG())
	if got := traces(figure)[1]["y"]; !reflect.DeepEqual(got, []any{3., 0.5, 0.5, 0.5}) {
		t.Errorf("the line is %v", got)
	}
	for _, want := range []string{"ours: train loss: 2 of 4 values are zero or below", "wide: 3 of 3 values are zero or below"} {
		if !strings.Contains(figure.Text(), want) {
			t.Errorf("%q is not in %q", want, figure.Text())
		}
	}
}

func TestLongRunsAreThinnedWithoutLosingExtremes(t *testing.T) {
	values := make([]float64, 50_000)
	for i := range values {
		values[i] = 1
	}
	values[31_337], values[40_000], values[49_999] = 7, math.NaN(), 1.5
	figure := Curves(CurveOptions{}, run("long", values...))
	y := traces(figure)[0]["y"].([]any)
	if len(y) > mostPoints+9 {
		t.Errorf("%d points are drawn", len(y))
	}
	for _, want := range []any{7., nil, 1.5} {
		if !slices.Contains(y, want) {
			t.Errorf("%v was thinned away", want)
		}
	}
	if !strings.Contains(figure.Text(), "1.5 at step 49999") {
		t.Errorf("the text is %q", figure.Text())
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
	if _, err := LoadRun("none", filepath.Join(folder, "none")); err == nil || !strings.Contains(err.Error(), plot.TrainingPlotFileName) {
		t.Errorf("error is %v", err)
	}
	write("not json\n" + `{"MetricName":"train loss","Step":0,"Value":4}`)
	if _, err := LoadRun("damaged", folder); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("error is %v", err)
	}
}

func ExampleCurves() {
	run := Run{Label: "mine", Points: []plot.Point{
		{MetricName: "train loss", MetricType: "loss", Step: 0, Value: 4.2},
		{MetricName: "train loss", MetricType: "loss", Step: 1, Value: 3.1},
	}}
	figure := Curves(CurveOptions{Title: "Loss"}, run)
	figure.Display() // draws in a notebook, does nothing elsewhere
	fmt.Println(figure.Text())
	// Output:
	// Loss
	// mine: train loss: 4.2 at step 0, 3.1 at step 1
}

func ExampleBandOf() {
	band := BandOf("three seeds", 0.25, []float64{4, 1}, []float64{4.4, 0.8})
	fmt.Println(band.Low, band.High)
	// Output: [3 0.6000000000000001] [5.5 1.25]
}
