package show

import (
	"fmt"
	"reflect"
	"testing"
)

func TestExploreDrawsOnceWithoutANotebook(t *testing.T) {
	var drawn [][]int
	Explore(func(values []int) Showable {
		drawn = append(drawn, values)
		return BarChart("", "", []string{"a"}, []float64{1})
	}, Slider("height", 0, 10, 3), Choice("which", "first", "second"))
	if !reflect.DeepEqual(drawn, [][]int{{3, 0}}) {
		t.Errorf("drawn %v", drawn)
	}
}

func TestReportsOvertakeEachOther(t *testing.T) {
	p := &panel{changed: make(chan struct{}, 1), values: make([]int, 2)}
	for _, number := range []int{2, 1, 5, 3, 4} {
		p.take(fmt.Sprintf("%d %d 1", number, 10*number))
	}
	<-p.changed
	if got := p.current(); !reflect.DeepEqual(got, []int{50, 1}) {
		t.Errorf("values %v", got)
	}
	for _, report := range []string{"", "9", "9 1", "9 1 2 3", "9 one 2", "5 7 7", "6 50 1"} {
		p.take(report)
	}
	if got := p.current(); !reflect.DeepEqual(got, []int{50, 1}) || len(p.changed) != 0 {
		t.Errorf("values %v, %d changes", got, len(p.changed))
	}
}
