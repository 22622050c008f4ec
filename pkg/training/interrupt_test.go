//go:build unix

package training

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ui/plot"

	"seemore/pkg/vlm"
)

// interrupt sends this process a signal that the training under way listens for.
func interrupt(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { interrupted.Store(false) })
}

// endless is a model that is never done building.
func endless(m vlm.Model, begun chan<- struct{}) *vlm.Model {
	m.Encode = func(*model.Scope, *Node) *Node {
		begun <- struct{}{}
		select {}
	}
	return &m
}

// atStep calls a function once, when it is shown the loss of a step.
type atStep struct {
	step float64
	call func()
}

func (a *atStep) AddPoint(point plot.Point) {
	if point.Step == a.step {
		a.call()
	}
}
func (a *atStep) DynamicSampleDone(bool) {}

// TestInterruptedAfterAStep: it is saved, what goes on ends as if nothing had been, and no other
// training begins in a program that was told to stop.
func TestInterruptedAfterAStep(t *testing.T) {
	set, root := colours(t), t.TempDir()
	options := tinyOptions(t, set, filepath.Join(root, "run"), 1000)
	options.Plotter = &atStep{3, func() {
		interrupt(t)
		for !interrupted.Load() {
			time.Sleep(time.Millisecond)
		}
	}}
	trained, err := Train(options)
	if err != nil || !trained.Interrupted {
		t.Fatalf("interrupted is %v, error %v", trained.Interrupted, err)
	}
	if again := MustOpen(options.Folder, nil, options.Backend); again.Step != trained.Step {
		t.Errorf("step %d was saved, want %d", again.Step, trained.Step)
	}
	if _, err := Train(tinyOptions(t, set, filepath.Join(root, "next"), 1)); !errors.Is(err, ErrInterrupted) {
		t.Errorf("the next training: %v", err)
	}
}

// TestInterruptedWhileCompiling: nothing was learned, which is said.
func TestInterruptedWhileCompiling(t *testing.T) {
	options := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 5)
	begun := make(chan struct{}, 1)
	options.Model = endless(Variants["seemore"](options.Config.Model), begun)
	go func() {
		<-begun
		interrupt(t)
	}()
	_, err := Train(options)
	if !errors.Is(err, ErrInterrupted) || !strings.Contains(err.Error(), "interrupted in step 0, while it was compiled or computed, with nothing learned since the start; there is no checkpoint yet") {
		t.Errorf("error is %v", err)
	}
}

// TestInterruptedInALongStep: the weights before it are saved if the step before was slow too;
// if it was not, the message says which steps are lost.
func TestInterruptedInALongStep(t *testing.T) {
	options := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 2)
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		took time.Duration
		want string
	}{{0, "interrupted in step 3, which did not end in 4s: steps 2 to 2 are lost; the last checkpoint is step 2"}, {2 * time.Second, ""}} {
		options.Steps = 10
		begun := make(chan struct{}, 1)
		options.Model = endless(Variants["seemore"](options.Config.Model), begun)
		l, err := newLoop(options)
		if err != nil {
			t.Fatal(err)
		}
		stop := l.listen()
		l.took, l.trained.Step, l.update.initialized = test.took, 3, true // as if a step had been done
		go func() {
			<-begun
			interrupt(t)
		}()
		for batch := range l.batches.StartAt(3).Iter() {
			err = l.end(l.step(batch))
			break
		}
		stop()
		interrupted.Store(false)
		if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
			t.Errorf("error is %v, want %q", err, test.want)
		}
		if err := l.close(); err != nil {
			t.Fatal(err)
		}
		saved := MustOpen(options.Folder, nil, options.Backend).Step
		if want := map[bool]int{true: 3, false: 2}[test.want == ""]; saved != want {
			t.Errorf("step %d is saved, want %d", saved, want)
		}
	}
}
