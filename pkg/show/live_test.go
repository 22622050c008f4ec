package show

import (
	"reflect"
	"testing"

	"github.com/gomlx/gomlx/ui/plot"
)

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

func TestLiveMarksWhatGoMLXLeftOut(t *testing.T) {
	live := NewLive(CurveOptions{}, "run")
	live.DynamicSampleDone(true)
	for _, step := range []float64{0, 1, 2} {
		live.AddPoint(plot.Point{MetricName: "a", Step: step, Value: 1})
		if step != 1 {
			live.AddPoint(plot.Point{MetricName: "b", Step: step, Value: 2})
		}
		live.DynamicSampleDone(step == 1)
	}
	if got := traces(live.figure())[1]["y"]; !reflect.DeepEqual(got, []any{2., nil, 2.}) {
		t.Errorf("b is %v", got)
	}
}
