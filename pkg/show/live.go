package show

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/gomlx/gomlx/ui/plot"
	"github.com/janpfeifer/gonb/gonbui"
)

// Live draws a training while it runs: each point that GoMLX's plot.Plotter interface hands it
// joins the curve, and one output of the notebook is redrawn at most twice a second.
type Live struct {
	options CurveOptions
	earlier []Run
	id      string

	mu     sync.Mutex
	run    Run
	sample int           // where the points of the present sample start
	drawn  time.Time     // when the last drawing was ready
	took   time.Duration // how long it took
	draws  int
}

var _ plot.Plotter = (*Live)(nil)

// redrawEvery is the least time between two drawings. A slow drawing waits until ten times its own
// time has passed, which keeps it from slowing the training down.
const redrawEvery = 500 * time.Millisecond

// NewLive starts a live figure; earlier runs stand beside the new one.
func NewLive(options CurveOptions, label string, earlier ...Run) *Live {
	// The kernel remembers an id for ever and would redraw the first output that had it.
	return &Live{options: options, earlier: slices.Clone(earlier), id: "curve_" + gonbui.UniqueID(), run: Run{Label: label}}
}

// AddPoint takes one value of one metric. It implements plot.Plotter.
func (l *Live) AddPoint(point plot.Point) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.run.Points = append(l.run.Points, point)
}

// DynamicSampleDone redraws if it is time to. It implements plot.Plotter; incomplete says that GoMLX
// left out a metric that was not finite.
func (l *Live) DynamicSampleDone(incomplete bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if incomplete {
		l.addMissing()
	}
	l.sample = len(l.run.Points)
	if time.Since(l.drawn) >= max(redrawEvery, 10*l.took) {
		l.draw()
	}
}

// Done draws the whole curve; call it when the training has ended, however it ended.
func (l *Live) Done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.draw()
}

// addMissing gives each metric that the present sample lacks a value that is not a number.
func (l *Live) addMissing() {
	if len(l.run.Points) == 0 {
		return
	}
	step := l.run.Points[len(l.run.Points)-1].Step
	present := Run{Points: l.run.Points[l.sample:]}.metrics(false)
	for _, name := range l.run.metrics(false) {
		if !slices.Contains(present, name) {
			l.run.Points = append(l.run.Points, plot.Point{MetricName: name, Step: step, Value: math.NaN()})
		}
	}
}

func (l *Live) draw() {
	started := time.Now()
	l.figure().display(l.id)
	l.drawn = time.Now()
	l.took = l.drawn.Sub(started)
	l.draws++
}

func (l *Live) figure() *Figure {
	return curves(l.options, append(slices.Clone(l.earlier), l.run))
}
