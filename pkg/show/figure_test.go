package show

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

func traces(figure *Figure) []map[string]any {
	var traces []map[string]any
	data, _ := figure.Plotly()["data"].([]any)
	for _, trace := range data {
		traces = append(traces, trace.(map[string]any))
	}
	return traces
}

func TestOddFiguresAreDrawn(t *testing.T) {
	log := CurveOptions{LogY: true}
	for name, figure := range map[string]*Figure{
		"empty":            Curves(log),
		"not a number":     Curves(log, run("ours", math.NaN())),
		"nothing above 0":  Curves(log, run("ours", 0, -1)),
		"constant":         Curves(log, run("ours", 0.5, 0.5)),
		"one point":        Curves(log, run("ours", 0.5)),
		"tiny and huge":    Curves(log, run("ours", 1e-30, 1e30)),
		"ragged line":      {Lines: []Line{{X: []float64{1, 2, math.NaN()}, Y: []float64{1}}}},
		"ragged band":      {Bands: []Band{{Steps: []float64{0, 1, 2}, Low: []float64{1, math.NaN()}, High: []float64{2, 2}}}},
		"empty band":       {Bands: []Band{BandOf("none", 0.25)}},
		"many long labels": Curves(CurveOptions{Title: strings.Repeat("title ", 60)}, run(strings.Repeat("label ", 60), 2, 1), run(strings.Repeat("L", 300), 2, 1)),
		"no bars":          BarChart("", "", nil, nil),
		"bars of nothing":  BarChart("", "", []string{"a"}, []float64{0, math.NaN()}),
		"bars below zero":  BarChart("", "", []string{"a", "a"}, []float64{-2, 3}),
		"bars that lie":    BarChart("", "", []string{"a", strings.Repeat("long ", 9)}, []float64{12345, 3}),
		"crowded":          BarChart("", "", make([]string, 200), make([]float64, 200)),
	} {
		t.Run(name, func(t *testing.T) {
			if len(figure.PNG()) == 0 {
				t.Error("no picture")
			}
			kernel(t, figure)
		})
	}
}

// kernel sends a figure the way gonbui does and fails if it does not arrive as it was.
func kernel(t *testing.T, figure *Figure) {
	t.Helper()
	sent := protocol.DisplayData{Data: payload(figure.PNG(), figure.Plotly(), figure.Text()), DisplayID: "id"}
	var wire bytes.Buffer
	if err := gob.NewEncoder(&wire).Encode(&sent); err != nil {
		t.Fatal(err)
	}
	var received protocol.DisplayData
	if err := gob.NewDecoder(&wire).Decode(&received); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(sent.Data, received.Data) {
		t.Errorf("sent     %v\nreceived %v", sent.Data[mimePlotly], received.Data[mimePlotly])
	}
	if _, err := json.Marshal(received.Data); err != nil {
		t.Error(err)
	}
}

func TestFigureReachesTheKernel(t *testing.T) {
	figure := Curves(CurveOptions{Title: "x", LogY: true, Bands: []Band{BandOf("b", 0.25, []float64{2, 1})}}, run("ours", 2, math.NaN(), 0))
	if forms := payload(figure.PNG(), figure.Plotly(), figure.Text()); len(forms) != 3 {
		t.Errorf("%d forms", len(forms))
	}
	kernel(t, figure)
	kernel(t, BarChart("x", "y", []string{"a"}, []float64{1}))
}
