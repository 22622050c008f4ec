package training

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"syscall"

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
	Plotter         plot.Plotter // is shown every point as it happens; may be nil
	Tracker         Tracker      // is told about the whole run; may be nil
	Output          io.Writer    // progress and warnings; nil is standard output
}

// Train runs the training loop: draw a batch, update the weights, write the loss down. It stops
// after Steps, or after the current step on SIGINT or SIGTERM; either way a checkpoint is saved.
//
// The loss of step s is that of batch s before update s, as in the originals' printout.
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
	if options.Tracker != nil {
		options.Tracker.Parameters(options.Config.Settings())
	}
	err = loop.run()
	loop.trackEnd(err != nil)
	return loop.trained, errors.Join(err, loop.metrics.close())
}

// MustTrain is Train for notebook cells: it panics on an error.
func MustTrain(options Options) *Run {
	run, err := Train(options)
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
	metrics   *metricFile
	progress  *progress
	start     int // the first step of this call
	saved     int // the step of the newest checkpoint
}

// newLoop checks everything that can be checked and opens the run, new or as it was left.
func newLoop(options Options) (*loop, error) {
	config := options.Config
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if _, err := config.batches(options.Train); err != nil {
		return nil, err
	}
	if err := openFolder(options.Folder, config); err != nil {
		return nil, err
	}
	l := &loop{Options: options}
	l.progress = newProgress(options.Output, options.Steps)
	var err error
	if l.trained, err = newRun(options.Folder, config, options.Model, options.Backend, l.progress.warn); err != nil {
		return nil, err
	}
	if l.trained.Step == 0 && config.StartedFrom != "" {
		if err := startFrom(l.trained.Store, config.StartedFrom, l.progress.warn); err != nil {
			return nil, err
		}
	}
	l.start, l.saved = l.trained.Step, l.trained.Step
	m := l.trained.Model
	if l.update, err = NewStep(options.Backend, l.trained.Store, m, config); err != nil {
		return nil, err
	}
	if l.evaluator, err = newEvaluator(options.Backend, l.trained.Store, m, config.PredictFirst); err != nil {
		return nil, err
	}
	l.metrics, err = openMetrics(options.Folder, l.start)
	return l, err
}

// run takes the steps that are left.
func (l *loop) run() error {
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	batches, err := l.Config.batches(l.Train)
	if err != nil {
		return err
	}
	if l.start >= l.Steps {
		l.progress.line("%s has %d steps already: nothing to do", l.Folder, l.start)
		return nil
	}
	for batch, err := range batches.StartAt(l.start).Iter() {
		if err != nil {
			return err
		}
		if err := l.step(batch); err != nil {
			return err
		}
		if l.trained.Step >= l.Steps {
			break
		}
		if interrupted.Err() != nil {
			l.trained.Interrupted = true
			l.progress.line("interrupted after step %d; the same command continues", l.trained.Step-1)
			return l.save()
		}
	}
	for _, evaluation := range l.Evaluations {
		if err := l.evaluate(evaluation); err != nil {
			return err
		}
	}
	return l.save()
}

// step is one update and whatever is due after it.
func (l *loop) step(batch train.Batch) error {
	step := l.trained.Step
	for _, evaluation := range l.Evaluations {
		if evaluation.Every > 0 && step%evaluation.Every == 0 {
			if err := l.evaluate(evaluation); err != nil {
				return err
			}
		}
	}
	measured, err := l.update.Run(batch)
	if err != nil {
		return fmt.Errorf("step %d: %w", step, explain(err))
	}
	loss := measured.Loss
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return fmt.Errorf("step %d: the loss is %v; the last checkpoint is step %d; try a smaller learning rate than %v",
			step, loss, l.saved, l.Config.LearningRate)
	}
	l.trained.Step++
	if err := l.record(lossPoint("train", step, loss)); err != nil {
		return err
	}
	if step%routingEvery == 0 || l.trained.Step == l.Steps {
		if err := l.record(routingPoints(step, measured.Loads)...); err != nil {
			return err
		}
	}
	l.progress.step(step, loss)
	if l.trained.Step%l.CheckpointEvery == 0 && l.trained.Step < l.Steps {
		return l.save()
	}
	return nil
}

func (l *loop) evaluate(evaluation Evaluation) error {
	loss, err := l.evaluator.loss(evaluation.Dataset)
	if err != nil {
		return fmt.Errorf("evaluating %s: %w", evaluation.Name, explain(err))
	}
	l.progress.line("step %d: loss on %s %.4f", l.trained.Step, evaluation.Name, loss)
	return l.record(lossPoint(evaluation.Name, l.trained.Step, loss))
}

// record writes points of one step to the run's metric file and tells whoever watches.
func (l *loop) record(points ...plot.Point) error {
	for _, point := range points {
		if err := l.metrics.add(point); err != nil {
			return err
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

func (l *loop) save() error {
	if err := saveCheckpoint(l.trained.Store, l.Config, l.Folder, l.trained.Step); err != nil {
		return fmt.Errorf("the checkpoint of step %d cannot be saved: %w", l.trained.Step, err)
	}
	l.saved = l.trained.Step
	return nil
}
