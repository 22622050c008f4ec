package training

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// ErrInterrupted is the error of a training that was told to stop, by SIGINT, SIGTERM or the end of its
// notebook's kernel, and has no run to go on with. One that was stopped after a step has no error:
// see [Run].
var ErrInterrupted = errors.New("interrupted")

// interrupted is set once and for all: a program that was told to stop begins no other training.
var interrupted atomic.Bool

// parent is the process that started this one: the kernel, in a notebook.
var parent = os.Getppid()

// errStop is passed up by whatever noticed that the training shall stop.
var errStop = errors.New("told to stop")

const (
	slowStep        = time.Second     // a step that takes longer is prepared for an interruption
	patience        = time.Second     // how long an interruption waits for what is under way
	longestPatience = 4 * time.Second // the same where steps would be lost; GoNB kills 5 s after it interrupts
)

// interruption is what a training knows about being told to stop. While XLA compiles or computes it cannot
// be stopped, and has the weights; so before a slow step they are copied.
type interruption struct {
	context  context.Context // is done when the training shall stop
	updating bool            // the weights are in the hands of a step, or were spoiled by it
	before   *model.Store    // the weights before that step, if the one before it was slow
	took     time.Duration   // the step before
}

// listen waits for SIGINT and SIGTERM, of which a second one kills as usual; in a notebook also for the
// end of the kernel, whose broken pipe must not kill before the weights are saved. Nor must a second signal there: a kernel
// that restarts may send two at once, and kills by itself what does not end.
func (i *interruption) listen() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals, ignored := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	var tick <-chan time.Time
	if inNotebook() {
		signal.Notify(ignored, syscall.SIGPIPE, os.Interrupt, syscall.SIGTERM)
		ticker := time.NewTicker(200 * time.Millisecond)
		context.AfterFunc(ctx, ticker.Stop)
		tick = ticker.C
	}
	ended := make(chan struct{})
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case <-signals:
			case <-tick:
				if !orphaned() {
					continue
				}
			case <-ended:
				return
			}
			interrupted.Store(true)
			cancel()
			return
		}
	}()
	i.context = ctx
	return func() {
		close(ended)
		cancel()
		signal.Stop(ignored)
	}
}

func inNotebook() bool { return os.Getenv(protocol.GONB_PIPE_ENV) != "" }

// orphaned says that the kernel that ran this cell is gone.
func orphaned() bool { return inNotebook() && os.Getppid() != parent }

// asked is errStop when the training shall stop.
func (i *interruption) asked() error {
	if i.context.Err() != nil {
		return errStop
	}
	return nil
}

// within does some work, which an interruption leaves to itself if it does not end in time.
func (i *interruption) within(wait time.Duration, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-i.context.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(wait):
		return errStop
	}
}

// initializeOnce gives the weights their first values, before anything is measured.
func (l *loop) initializeOnce(batch train.Batch) error {
	err := l.within(patience, func() error { return l.update.initialize(batch) })
	if err == nil || errors.Is(err, errStop) {
		return err
	}
	return fmt.Errorf("step %d: %w", l.trained.Step, explain(err))
}

// updateOnce updates the weights.
func (l *loop) updateOnce(batch train.Batch) (Measured, error) {
	if l.before != nil {
		l.before.Finalize()
		l.before = nil
	}
	l.updating = true
	wait := patience
	if l.took > slowStep {
		var err error
		if l.before, err = l.trained.Store.Clone(); err != nil {
			return Measured{}, err
		}
	} else if l.trained.Step > l.saved {
		wait = longestPatience
	}
	var measured Measured
	started := time.Now()
	err := l.within(wait, func() (err error) {
		measured, err = l.update.Run(batch)
		return err
	})
	if errors.Is(err, errStop) {
		return Measured{}, err // the work may still write to measured
	}
	if err != nil {
		return Measured{}, fmt.Errorf("step %d: %w", l.trained.Step, explain(err))
	}
	l.took = time.Since(started)
	if err := l.checkFinite(measured); err != nil {
		return Measured{}, err
	}
	l.updating = false
	return measured, nil
}

// evaluateOnce measures a loss. The weights are whole meanwhile: when it fails they are saved first.
func (l *loop) evaluateOnce(evaluation Evaluation) (float64, error) {
	var loss float64
	err := l.within(patience, func() (err error) {
		loss, err = l.evaluator.loss(l.context, evaluation.Dataset)
		return err
	})
	if errors.Is(err, errStop) {
		return 0, err // the work may still write to loss
	}
	if err != nil {
		err = fmt.Errorf("step %d: evaluating %s: %w", l.trained.Step, evaluation.Name, explain(err))
		return 0, errors.Join(err, l.save())
	}
	return loss, nil
}

// end ends a training before its last step, with what of it can be kept.
func (l *loop) end(err error) error {
	if !errors.Is(err, errStop) {
		return err
	}
	step := l.trained.Step
	switch {
	case l.updating && l.before != nil:
		l.trained.Store = l.before
	case l.updating && step > l.saved:
		return fmt.Errorf("%w in step %d, which did not end in %v: steps %d to %d are lost; %s",
			ErrInterrupted, step, longestPatience, l.saved, step-1, l.lastCheckpoint())
	case l.updating || step == 0:
		return fmt.Errorf("%w in step %d, while it was compiled or computed, with nothing learned since the start; %s",
			ErrInterrupted, step, l.lastCheckpoint())
	}
	if err := l.save(); err != nil {
		return err
	}
	l.trained.Interrupted = true
	if orphaned() {
		return fmt.Errorf("%w after step %d: the notebook's kernel has ended", ErrInterrupted, step-1)
	}
	l.progress.line("interrupted after step %d; the same command continues", step-1)
	return nil
}
