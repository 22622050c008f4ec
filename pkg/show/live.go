package show

import (
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

	mu    sync.Mutex
	run   Run
	drawn time.Time
	draws int
}

// redrawEvery keeps the drawing from slowing the training down.
const redrawEvery = 500 * time.Millisecond

// NewLive starts a live figure; earlier runs stand beside the new one.
func NewLive(options CurveOptions, label string, earlier ...Run) *Live {
	return &Live{options: options, earlier: earlier, id: "curve_" + gonbui.UniqueID(), run: Run{Label: label}}
}

// AddPoint takes one value of one metric. It implements plot.Plotter.
func (l *Live) AddPoint(point plot.Point) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.run.Points = append(l.run.Points, point)
}

// DynamicSampleDone redraws if it is time to. It implements plot.Plotter.
func (l *Live) DynamicSampleDone(bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.drawn) >= redrawEvery {
		l.draw()
	}
}

// Done draws the whole curve; call it when the training has ended, however it ended.
func (l *Live) Done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.draw()
}

func (l *Live) draw() {
	l.figure().display(l.id)
	l.drawn = time.Now()
	l.draws++
}

func (l *Live) figure() *Figure {
	return Curves(l.options, append(l.earlier[:len(l.earlier):len(l.earlier)], l.run)...)
}
