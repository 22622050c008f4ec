package tracking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/gomlx/ui/plot"
)

// fake is an MLflow server that remembers what it is told. With hang it answers nothing any more.
type fake struct {
	*httptest.Server
	mu        sync.Mutex
	created   bool
	batches   []int // metrics in each request
	metrics   []map[string]any
	params    map[string]string
	files     map[string]string
	status    string
	hang      chan struct{} // nil: answers
	artifacts string
}

func newFake(t *testing.T) *fake {
	f := &fake{params: map[string]string{}, files: map[string]string{}, artifacts: "mlflow-artifacts:/7/r/artifacts"}
	f.Server = httptest.NewServer(f)
	t.Cleanup(func() {
		f.hung(false)
		f.Close()
	})
	return f
}

func (f *fake) hung(yes bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hang != nil {
		close(f.hang)
		f.hang = nil
	}
	if yes {
		f.hang = make(chan struct{})
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	hang := f.hang
	f.mu.Unlock()
	if hang != nil {
		<-hang
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	content, _ := io.ReadAll(r.Body)
	var body struct {
		Status  string
		Metrics []map[string]any
		Params  []parameter
	}
	_ = json.Unmarshal(content, &body)
	switch method := strings.TrimPrefix(r.URL.Path, "/api/2.0/"); {
	case method == "mlflow/experiments/get-by-name" && !f.created:
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}`)
	case method == "mlflow/experiments/get-by-name":
		fmt.Fprint(w, `{"experiment": {"experiment_id": "7"}}`)
	case method == "mlflow/experiments/create":
		f.created = true
		fmt.Fprint(w, `{"experiment_id": "7"}`)
	case method == "mlflow/runs/create":
		fmt.Fprintf(w, `{"run": {"info": {"run_id": "r", "artifact_uri": %q}}}`, f.artifacts)
	case method == "mlflow/runs/log-batch":
		if len(body.Metrics) > 0 {
			f.batches = append(f.batches, len(body.Metrics))
		}
		f.metrics = append(f.metrics, body.Metrics...)
		for _, p := range body.Params {
			f.params[p.Key] = p.Value
		}
		fmt.Fprint(w, `{}`)
	case method == "mlflow/runs/update":
		f.status = body.Status
		fmt.Fprint(w, `{}`)
	case r.Method == http.MethodPut:
		f.files[method] = string(content)
		fmt.Fprint(w, `{}`)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

// heard replaces standard error for a test.
func heard(t *testing.T) *bytes.Buffer {
	var out bytes.Buffer
	before := messages
	messages = &out
	t.Cleanup(func() { messages = before })
	return &out
}

// within fails the test if f takes longer.
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > limit {
		t.Errorf("took %v, expected at most %v", took, limit)
	}
}

// oneWarning checks what was written to standard error.
func oneWarning(t *testing.T, out *bytes.Buffer, want string) {
	t.Helper()
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "mlflow: ") || !strings.Contains(got, want) {
		t.Errorf("expected one line with %q, got %q", want, got)
	}
}

func point(step int) plot.Point {
	return plot.Point{MetricName: "train loss", Step: float64(step), Value: 1 / float64(step+1)}
}

func use(m *MLflow) {
	m.Parameters(map[string]any{"a": 1})
	m.AddPoint(point(0))
	m.DynamicSampleDone(false)
	m.Artifact("x", nil)
}

func TestEverythingArrives(t *testing.T) {
	out, f := heard(t), newFake(t)
	m := New(f.URL, "seemore", "test")
	m.Parameters(map[string]any{"rate": 1e-3, "model.vision.dim": 32,
		"list": []int{1, 2}, "seed": int64(1) << 60, "long": strings.Repeat("ü", 7000), "on": true, "none": nil})
	for i := range 2500 {
		m.AddPoint(point(i))
	}
	m.AddPoint(plot.Point{MetricName: "load, expert 3", Step: 4, Value: math.NaN()})
	m.Artifact("curve of it.png", []byte("PNG"))
	m.Close(true)
	m.Close(false) // a second one does nothing
	m.AddPoint(point(0))
	if out.Len() > 0 {
		t.Errorf("said %q", out)
	}
	for key, want := range map[string]string{"rate": "0.001", "model.vision.dim": "32", "list": "[1,2]", "seed": "1152921504606846976",
		"on": "true", "none": "null", "long": strings.Repeat("ü", maxValue)} {
		if f.params[key] != want {
			t.Errorf("%s is %.30q, expected %.30q", key, f.params[key], want)
		}
	}
	if len(f.metrics) != 2501 || len(f.batches) > 5 {
		t.Fatalf("%d metrics in requests of %v", len(f.metrics), f.batches)
	}
	for i, got := range f.metrics[:2500] {
		if got["key"] != "train loss" || got["step"] != float64(i) || got["value"] != point(i).Value || got["timestamp"].(float64) < 1e12 {
			t.Fatalf("metric %d is %v", i, got)
		}
	}
	for _, n := range f.batches {
		if n > maxMetrics {
			t.Errorf("a request has %d metrics", n)
		}
	}
	if last := f.metrics[2500]; last["value"] != "NaN" || last["key"] != "load_ expert 3" {
		t.Errorf("the last metric is %v", last)
	}
	if f.files["mlflow-artifacts/artifacts/7/r/artifacts/curve of it.png"] != "PNG" {
		t.Errorf("the files are %v", f.files)
	}
	if f.status != "FINISHED" {
		t.Errorf("the run is %q", f.status)
	}
}

func TestManyParameters(t *testing.T) {
	f := newFake(t)
	m := New(f.URL, "seemore", "test")
	many := map[string]any{}
	for i := range 250 {
		many[fmt.Sprint("p", i)] = i
	}
	m.Parameters(many)
	m.Close(false)
	if len(f.params) != 250 || f.status != "FAILED" {
		t.Errorf("%d parameters, status %q", len(f.params), f.status)
	}
}

func TestNilDoesNothing(t *testing.T) {
	var m *MLflow
	use(m)
	m.Close(true)
}

func TestServerAway(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := "http://user:secret@" + listener.Addr().String()
	listener.Close()
	for uri, want := range map[string]string{
		away: "connection refused; training goes on without it", "http://%zz": "invalid URL escape", "http://a\nb": "invalid control character", "build/mlruns": "an address like", "": "an address like",
	} {
		out := heard(t)
		within(t, 2500*time.Millisecond, func() {
			m := New(uri, "seemore", "test")
			use(m)
			m.Close(true)
		})
		oneWarning(t, out, want)
		if strings.Contains(out.String(), "secret") {
			t.Errorf("a password is shown: %q", out)
		}
	}
}

func TestAnotherServer(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>\n</html>") }))
	defer other.Close()
	out := heard(t)
	use(New(other.URL, "seemore", "test"))
	oneWarning(t, out, "it is no MLflow server")
}

func TestServerHangs(t *testing.T) {
	out, f := heard(t), newFake(t)
	f.hung(true)
	within(t, 2500*time.Millisecond, func() { use(New(f.URL, "seemore", "test")) })
	oneWarning(t, out, "no answer in time")
}

func TestServerHangsMidway(t *testing.T) {
	out, f := heard(t), newFake(t)
	m := New(f.URL, "seemore", "test")
	f.hung(true)
	within(t, time.Second, func() {
		for i := range bufferedPoints {
			m.AddPoint(point(i))
		}
	})
	within(t, 5500*time.Millisecond, func() { m.Close(true) })
	oneWarning(t, out, "not everything was sent in time")
}

func TestServerDiesMidway(t *testing.T) {
	out, f := heard(t), newFake(t)
	m := New(f.URL, "seemore", "test")
	f.CloseClientConnections()
	f.Close()
	for i := range 3 * maxMetrics {
		m.AddPoint(point(i))
	}
	use(m)
	within(t, time.Second, func() { m.Close(true) })
	oneWarning(t, out, "connection refused")
}

func TestFullBufferDrops(t *testing.T) {
	out, f := heard(t), newFake(t)
	server, err := newServer(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	m := &MLflow{server: server, points: make(chan metric, 2)} // nobody takes the points
	within(t, time.Second, func() {
		for i := range 1000 {
			m.AddPoint(point(i))
		}
	})
	oneWarning(t, out, "too slow: some points are not logged")
}

func TestServerWithoutFiles(t *testing.T) {
	out, f := heard(t), newFake(t)
	f.artifacts = "s3://bucket/7/r"
	m := New(f.URL, "seemore", "test")
	m.Artifact("curve.png", nil)
	m.Close(true)
	oneWarning(t, out, "takes no files: curve.png is not uploaded")
}

func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		"train loss": "train loss", "load, block 1": "load_ block 1", "a:b": "a_b", "é/x-1.5": "_/x-1.5", "/abs//x/": "abs/x", "../up": "up",
		"": "_", "..": "_", strings.Repeat("x", 300): strings.Repeat("x", 250),
	} {
		if got := cleanName(name); got != want {
			t.Errorf("cleanName(%q) is %q, expected %q", name, got, want)
		}
	}
}
