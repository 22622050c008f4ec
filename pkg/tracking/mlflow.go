package tracking

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"
	"time"

	"github.com/gomlx/gomlx/ui/plot"

	"seemore/pkg/show"
	"seemore/pkg/training"
)

const (
	openTimeout    = 2 * time.Second  // of New
	requestTimeout = 10 * time.Second // of one request while training
	closeTimeout   = 5 * time.Second  // of Close
	stopTimeout    = time.Second      // of Close where the run was stopped: nobody wants to wait
	sendEvery      = time.Second

	// The server's limits.
	maxMetrics    = 1000 // in a request
	maxParameters = 100  // in a request
	maxName       = 250  // characters
	maxValue      = 6000 // characters

	bufferedPoints = 8 * maxMetrics
	bufferedJobs   = 16
)

// messages is where warnings go.
var messages io.Writer = os.Stderr

// MLflow is one run on an MLflow server. It implements plot.Plotter. All methods may be called on nil,
// where they do nothing; AddPoint and Close by the goroutine that trains.
type MLflow struct {
	server    *server
	run       string // the run's id
	artifacts string // the run's folder of files on the server; empty if it takes none

	context context.Context
	cancel  context.CancelFunc
	points  chan metric
	jobs    chan func() error
	status  chan string   // how the run ended
	done    chan struct{} // closed when nothing is sent any more

	title  string       // of the curve
	losses []plot.Point // the curve's, of the goroutine that trains

	over    atomic.Bool // the server failed, or Close was called
	closed  atomic.Bool
	dropped atomic.Bool // it was said that points are dropped
}

var _ plot.Plotter = (*MLflow)(nil)

// Start is [New] for [training.Options]: without an address there is no tracker and no warning.
func Start(uri, experiment, run string) training.Tracker {
	if uri == "" {
		return nil
	}
	if m := New(uri, experiment, run); m != nil {
		return m
	}
	return nil
}

// New starts a run on the server at an http address; the experiment is created if it is not there.
// Within 2 s it returns the run, or nil after a warning if the server does not answer.
func New(uri, experiment, run string) *MLflow {
	opening, stop := context.WithTimeout(context.Background(), openTimeout)
	defer stop()
	server, err := newServer(uri)
	if err != nil {
		warn(uri, err)
		return nil
	}
	m := &MLflow{
		title: run, server: server, points: make(chan metric, bufferedPoints), jobs: make(chan func() error, bufferedJobs),
		status: make(chan string, 1), done: make(chan struct{}),
	}
	if m.run, m.artifacts, err = server.createRun(opening, experiment, run); err != nil {
		warn(server.shown, err)
		return nil
	}
	m.context, m.cancel = context.WithCancel(context.Background())
	go m.work()
	return m
}

// Parameters logs a configuration's fields, "model.vision.embed_dim" and the like.
func (m *MLflow) Parameters(fields map[string]any) {
	if m == nil {
		return
	}
	parameters := list(fields)
	for len(parameters) > 0 {
		n := min(len(parameters), maxParameters)
		batch := parameters[:n]
		m.queue("parameters", func() error {
			return m.post("runs/log-batch", map[string]any{"run_id": m.run, "params": batch})
		})
		parameters = parameters[n:]
	}
}

// AddPoint logs one value of one metric. It never waits: points that find the buffer full are
// dropped, which is said once. It implements plot.Plotter.
func (m *MLflow) AddPoint(point plot.Point) {
	if m == nil || m.over.Load() {
		return
	}
	if point.MetricType == "loss" {
		m.losses = append(m.losses, point)
	}
	select {
	case m.points <- metric{cleanName(point.MetricName), number(point.Value), time.Now().UnixMilli(), int64(math.Round(point.Step))}:
	default:
		m.drop("points")
	}
}

// DynamicSampleDone does nothing: points are sent once a second. It implements plot.Plotter.
func (m *MLflow) DynamicSampleDone(bool) {}

// Artifact uploads a file into the run's folder on the server. The content must not change later.
func (m *MLflow) Artifact(name string, content []byte) {
	if m == nil {
		return
	}
	if m.artifacts == "" {
		fmt.Fprintf(messages, "mlflow: %s takes no files: %s is not uploaded\n", m.server.shown, oneLine(name))
		return
	}
	m.queue(name, func() error { return m.put(name, content) })
}

// Close uploads the curve of the losses, sends what is left, within 5 s or 1 s, and marks the run as finished or failed.
func (m *MLflow) Close(finished bool) {
	if m == nil || !m.closed.CompareAndSwap(false, true) {
		return
	}
	if len(m.losses) > 0 {
		m.Artifact("curve.png", show.Curves(show.CurveOptions{Title: m.title, LogY: true}, show.Run{Points: m.losses}).PNG())
	}
	status, limit := "FAILED", stopTimeout
	if finished {
		status, limit = "FINISHED", closeTimeout
	}
	m.status <- status
	select {
	case <-m.done:
	case <-time.After(limit):
		m.cancel()
		<-m.done
	}
	m.over.Store(true)
	m.cancel()
}

// queue hands a request to the goroutine that sends.
func (m *MLflow) queue(what string, job func() error) {
	if m.over.Load() {
		return
	}
	select {
	case m.jobs <- job:
	default:
		m.drop(what)
	}
}

func (m *MLflow) drop(what string) {
	if m.dropped.CompareAndSwap(false, true) {
		fmt.Fprintf(messages, "mlflow: %s is too slow: some %s are not logged\n", m.server.shown, oneLine(what))
	}
}
