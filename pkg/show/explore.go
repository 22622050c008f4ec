package show

import (
	"context"
	"fmt"
	"image"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
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

const needsJupyterLab = "The controls of this figure need JupyterLab and a cell that it has run itself. There, run the cell again."

// envSession is set by a Jupyter server for the kernels of its notebooks. Without a server GoNB's script for
// the front end would find nobody to connect to, and stay in the saved notebook.
const envSession = "JPY_SESSION_NAME"

// frontEndWait is how long a front end may take to answer that it has drawn a control.
const frontEndWait = 15 * time.Second

// Explore shows what draw returns for the starting values of the controls and, where the reader's front
// end can, the controls below it: each change redraws it. It returns when the button Done is pressed or
// the cell is interrupted; what was drawn last stays, the controls go. Where nobody can use them
// (SEEMORE_HEADLESS is set, no Jupyter server has started the kernel, or no front end answers) it returns
// after the first drawing.
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
	if os.Getenv(envSession) == "" {
		fmt.Println(needsJupyterLab)
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
		fmt.Println(needsJupyterLab)
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
