package show

import (
	"context"
	"fmt"
	"html"
	"image"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/dom"
	"github.com/janpfeifer/gonb/gonbui/widgets"
)

// Showable is what a cell shows and can replace: a [Figure], or a picture as [Still] makes it.
type Showable interface{ display(id string) }

// still is a picture with what it shows in words.
type still struct {
	picture image.Image
	alt     string
}

// Still is a picture for [Explore]; alt says in words what is to be seen.
func Still(picture image.Image, alt string) Showable { return still{picture, alt} }

func (s still) display(id string) {
	if inNotebook() {
		send(payload(encodePNG(s.picture), nil, s.alt), id)
	}
}

// Control is a whole number that the reader sets: by a slider, or by choosing one of some options, whose
// number from 0 on it then is.
type Control struct {
	label          string
	low, high, now int
	options        []string
}

// Slider is a control between low and high, both included.
func Slider(label string, low, high, start int) Control {
	return Control{label: label, low: low, high: high, now: start}
}

// Choice is a control with one option for each number from 0 on.
func Choice(label string, options ...string) Control {
	return Control{label: label, high: len(options) - 1, options: options}
}

// frontEndWait is how long a front end may take to answer that it has drawn a control.
const frontEndWait = 15 * time.Second

// Explore shows what draw returns for the starting values of the controls and, where the reader's front
// end can, the controls below it: each change redraws it. It returns when the button Done is pressed or
// the cell is interrupted; what was drawn last stays, the controls go. Where nobody can use them
// (SEEMORE_HEADLESS is set, or no front end answers) it returns after the first drawing.
func Explore(draw func(values []int) Showable, controls ...Control) {
	values := make([]int, len(controls))
	for i, control := range controls {
		values[i] = control.now
	}
	id := "explore_" + gonbui.UniqueID()
	draw(values).display(id)
	if !inNotebook() || os.Getenv("SEEMORE_HEADLESS") != "" {
		return
	}
	done, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	panel := newPanel(controls)
	defer panel.remove()
	select {
	case <-panel.ready:
	case <-done.Done():
		return
	case <-time.After(frontEndWait):
		fmt.Println("The controls of this figure need JupyterLab and a cell that it has run itself.")
		return
	}
	for {
		select {
		case <-panel.changed:
			draw(panel.current()).display(id)
		case <-panel.finished:
			return
		case <-done.Done():
			return
		}
	}
}

// panel is a row of controls in the front end.
type panel struct {
	output   string        // the cell's output that holds the row
	ready    chan struct{} // is closed when all controls are there
	changed  chan struct{} // has an element when a value has changed
	finished chan struct{} // is closed when Done is pressed

	mu     sync.Mutex
	values []int
}

// newPanel starts to build the controls, which takes until the front end answers.
func newPanel(controls []Control) *panel {
	p := &panel{
		output: "panel_" + gonbui.UniqueID(),
		ready:  make(chan struct{}), changed: make(chan struct{}, 1), finished: make(chan struct{}),
		values: make([]int, len(controls)),
	}
	row := p.output + "_row"
	gonbui.UpdateHTML(p.output, fmt.Sprintf(`<div id="%s" style="display: flex; flex-wrap: wrap; gap: 0.3em 1em; align-items: center"></div>`, row))
	go func() {
		for i, control := range controls {
			p.values[i] = control.now
			go p.follow(i, control.build(row))
		}
		button := widgets.Button("Done").AppendTo(row).Done()
		clicks := button.Listen()
		close(p.ready)
		<-clicks.C
		close(p.finished)
	}()
	return p
}

// build puts a control into a row and returns where its values come from.
func (c Control) build(row string) *comms.AddressChan[int] {
	dom.Append(row, "<span>"+html.EscapeString(c.label)+"</span>")
	if c.options == nil {
		return widgets.Slider(c.low, c.high, c.now).AppendTo(row).Done().Listen()
	}
	escaped := make([]string, len(c.options))
	for i, option := range c.options {
		escaped[i] = html.EscapeString(option)
	}
	return widgets.Select(escaped).SetDefault(c.now).AppendTo(row).Done().Listen()
}

// follow takes over the values of a control. Changes that come faster than they are drawn are one change.
func (p *panel) follow(i int, from *comms.AddressChan[int]) {
	for value := range from.C {
		p.mu.Lock()
		same := p.values[i] == value
		p.values[i] = value
		p.mu.Unlock()
		if same {
			continue
		}
		select {
		case p.changed <- struct{}{}:
		default:
		}
	}
}

func (p *panel) current() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.values)
}

// remove takes the controls out of the cell's output.
func (p *panel) remove() {
	gonbui.UpdateHTML(p.output, "")
	gonbui.Sync()
}
