package training

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ui/plot"

	"seemore/pkg/captions"
	"seemore/pkg/vlm"
)

// Options is one call of [Train].
type Options struct {
	Folder          string // the run folder; a run that is there already is continued
	Config          Config
	Model           *vlm.Model // nil is the variant's own model; a notebook passes the one it built
	Backend         compute.Backend
	Train           *captions.Encoded
	Evaluations     []Evaluation
	Steps           int          // the run's last step, counted from its beginning
	CheckpointEvery int          // steps between two checkpoints; 0 is 100
	Devices         int          // of the backend, among which each batch is divided; 0 is 1. Another number may continue a run
	Plotter         plot.Plotter // is shown every point as it happens; may be nil
	Tracker         Tracker      // is told about the whole run; may be nil
	Output          io.Writer    // progress and warnings; nil is standard output
}

// Train runs the training loop: draw a batch, update the weights, write the loss down. It stops
// after Steps, or when it is interrupted (see [ErrInterrupted]) after the current step; either way a
// checkpoint is saved. Nobody else may train in the folder meanwhile; reading it is free to all.
//
// The loss of step s is that of batch s before update s, as in the originals' printout. The first one
// that is not a number ends the training with an error, and so do weights: they are never saved.
func Train(options Options) (*Run, error) {
	if options.Output == nil {
		options.Output = os.Stdout
	}
	if options.CheckpointEvery == 0 {
		options.CheckpointEvery = 100
	}
	loop, err := newLoop(options)
	if err != nil {
		if options.Tracker != nil {
			options.Tracker.Close(false)
		}
		return nil, err
	}
	if loop.Tracker != nil {
		loop.Tracker.Parameters(loop.Config.Settings())
	}
	err = loop.run()
	if curve, ok := loop.Plotter.(interface{ Done() }); ok && err != nil {
		curve.Done() // the caller does not come to it
	}
	loop.trackEnd(err != nil)
	return loop.trained, errors.Join(err, loop.close())
}

// MustTrain is Train for notebook cells: an error ends the cell with its message alone, since the message says where
// a trace would not. Elsewhere it panics, but for an interruption that left nothing to go on with.
func MustTrain(options Options) *Run {
	run, err := Train(options)
	if err != nil && inNotebook() || errors.Is(err, ErrInterrupted) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err != nil {
		panic(err)
	}
	return run
}

// loop is the state of a training that runs.
type loop struct {
	Options
	trained   *Run
	update    *Step
	evaluator *evaluator
	batches   *captions.Batches
	metrics   *metricFile
	progress  *progress
	lock      *flock.Flock
	start     int // the first step of this call
	saved     int // the step of the newest checkpoint
	interruption
}

// newLoop checks everything that can be checked and opens the run, new or as it was left.
func newLoop(options Options) (l *loop, err error) {
	if interrupted.Load() {
		return nil, fmt.Errorf("%w before %s began", ErrInterrupted, options.Folder)
	}
	if options.Devices == 0 {
		options.Devices = 1
	}
	options.Config.Data.Fingerprint = options.Train.Set.Fingerprint()
	l = &loop{Options: options}
	if err := l.Config.Validate(); err != nil {
		return nil, err
	}
	if err := ValidateDevices(l.Devices, l.Backend, l.Config.BatchSize); err != nil {
		return nil, err
	}
	if l.batches, err = l.Config.batches(l.Train); err != nil {
		return nil, err
	}
	if l.lock, err = lockFolder(l.Folder); err != nil {
		return nil, err
	}
	if err := l.open(); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// open opens the run in its folder and prepares what is compiled later.
func (l *loop) open() (err error) {
	if err := openFolder(l.Folder, l.Config); err != nil {
		return err
	}
	l.progress = newProgress(l.Output, l.Steps)
	if l.trained, err = newRun(l.Folder, l.Config, l.Model, l.Backend, l.progress.warn); err != nil {
		return err
	}
	if l.trained.Step == 0 && l.Config.StartedFrom != "" {
		if err := startFrom(l.trained.Store, l.Config.StartedFrom, l.progress.warn); err != nil {
			return err
		}
	}
	l.start, l.saved = l.trained.Step, l.trained.Step
	m := l.trained.Model
	if l.update, err = NewStep(l.Backend, l.trained.Store, m, l.Config); err != nil {
		return err
	}
	if err := l.update.OnDevices(l.Devices); err != nil {
		return err
	}
	if l.evaluator, err = newEvaluator(l.Backend, l.trained.Store, m, l.Config.PredictFirst); err != nil {
		return err
	}
	if l.metrics, err = openMetrics(l.Folder, l.start); err != nil {
		return fmt.Errorf("%s cannot be written to: %w", l.Folder, reason(err))
	}
	return nil
}

func (l *loop) close() error {
	var err error
	if l.metrics != nil {
		err = l.metrics.close()
	}
	return errors.Join(err, l.lock.Unlock())
}

// run takes the steps that are left.
func (l *loop) run() error {
	if l.start >= l.Steps {
		l.progress.line("%s has %d steps already: nothing to do", l.Folder, l.start)
		return nil
	}
	stop := l.listen()
	defer stop()
	for batch, err := range l.batches.StartAt(l.start).Iter() {
		if err == nil {
			err = l.step(batch)
		}
		if err == nil && l.trained.Step >= l.Steps {
			break
		}
		if err == nil {
			err = l.asked()
		}
		if err != nil {
			return l.end(err)
		}
	}
	for _, evaluation := range l.Evaluations {
		if err := l.evaluate(evaluation); err != nil {
			return l.end(err)
		}
	}
	return l.save()
}

// step is one update and whatever is due after it.
func (l *loop) step(batch train.Batch) error {
	step := l.trained.Step
	if err := l.initializeOnce(batch); err != nil {
		return err
	}
	for _, evaluation := range l.Evaluations {
		if evaluation.Every > 0 && step%evaluation.Every == 0 {
			if err := l.evaluate(evaluation); err != nil {
				return err
			}
		}
	}
	measured, err := l.updateOnce(batch)
	if err != nil {
		return err
	}
	l.trained.Step++
	if err := l.record(lossPoint("train", step, measured.Loss)); err != nil {
		return err
	}
	if step%routingEvery == 0 || l.trained.Step == l.Steps {
		if err := l.record(routingPoints(step, measured.Loads)...); err != nil {
			return err
		}
	}
	l.progress.step(step, measured.Loss)
	if l.trained.Step%l.CheckpointEvery == 0 && l.trained.Step < l.Steps {
		return l.save()
	}
	return nil
}

func (l *loop) evaluate(evaluation Evaluation) error {
	loss, err := l.evaluateOnce(evaluation)
	if err != nil {
		return err
	}
	l.progress.line("step %d: loss on %s %.4f", l.trained.Step, evaluation.Name, loss)
	return l.record(lossPoint(evaluation.Name, l.trained.Step, loss))
}

// record writes points of one step to the run's metric file and tells whoever watches.
func (l *loop) record(points ...plot.Point) error {
	for _, point := range points {
		if err := l.metrics.add(point); err != nil {
			return fmt.Errorf("step %d cannot be written down in %s: %w; %s", int(point.Step), l.Folder, reason(err), l.lastCheckpoint())
		}
		for _, watcher := range l.watchers() {
			watcher.AddPoint(point)
		}
	}
	for _, watcher := range l.watchers() {
		watcher.DynamicSampleDone(false)
	}
	return nil
}

func (l *loop) watchers() (watchers []plot.Plotter) {
	if l.Plotter != nil {
		watchers = append(watchers, l.Plotter)
	}
	if l.Tracker != nil {
		watchers = append(watchers, l.Tracker)
	}
	return watchers
}

func lossPoint(name string, step int, loss float64) plot.Point {
	return plot.Point{MetricName: name + " loss", Short: name, MetricType: "loss", Step: float64(step), Value: loss}
}

// save writes a checkpoint, unless the newest one is of this step already.
func (l *loop) save() error {
	if l.saved == l.trained.Step {
		return nil
	}
	if name := notFinite(l.trained.Store); name != "" {
		return fmt.Errorf("after step %d %s is not finite and is not saved; %s", l.trained.Step-1, name, l.lastCheckpoint())
	}
	if err := errors.Join(l.metrics.sync(), saveCheckpoint(l.trained.Store, l.Config, l.Folder, l.trained.Step)); err != nil {
		return fmt.Errorf("the checkpoint of step %d cannot be saved in %s: %w; %s", l.trained.Step, l.Folder, reason(err), l.lastCheckpoint())
	}
	l.saved = l.trained.Step
	return nil
}

// reason is what the system said, without the layers around it.
func reason(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

func (l *loop) lastCheckpoint() string {
	if l.saved == 0 {
		return "there is no checkpoint yet"
	}
	return fmt.Sprintf("the last checkpoint is step %d", l.saved)
}
