package tracking

import (
	"context"
	"fmt"
	"time"
)

// work sends what is queued until Close has been called and all of it is sent.
func (m *MLflow) work() {
	defer close(m.done)
	tick := time.NewTicker(sendEvery)
	defer tick.Stop()
	var batch []metric
	for {
		select {
		case point := <-m.points:
			if batch = append(batch, point); len(batch) == maxMetrics {
				batch = m.send(batch)
			}
		case job := <-m.jobs:
			m.try(job)
		case <-tick.C:
			batch = m.send(batch)
		case status := <-m.status:
			m.finish(batch, status)
			return
		}
	}
}

// finish sends what is left and how the run ended.
func (m *MLflow) finish(batch []metric, status string) {
	for len(m.points) > 0 {
		if batch = append(batch, <-m.points); len(batch) == maxMetrics {
			batch = m.send(batch)
		}
	}
	m.send(batch)
	for len(m.jobs) > 0 {
		m.try(<-m.jobs)
	}
	m.try(func() error {
		return m.post("runs/update", map[string]any{"run_id": m.run, "status": status, "end_time": time.Now().UnixMilli()})
	})
}

// send sends metrics and returns the empty batch.
func (m *MLflow) send(batch []metric) []metric {
	if len(batch) > 0 {
		m.try(func() error {
			return m.post("runs/log-batch", map[string]any{"run_id": m.run, "metrics": batch})
		})
	}
	return batch[:0]
}

// try makes a request. After the first that fails there are no more.
func (m *MLflow) try(request func() error) {
	if m.over.Load() {
		return
	}
	if err := request(); err != nil {
		m.over.Store(true)
		warn(m.server.shown, err)
	}
}

func (m *MLflow) post(method string, body any) error {
	ctx, stop := context.WithTimeout(m.context, requestTimeout)
	defer stop()
	return m.server.post(ctx, method, body, nil)
}

func (m *MLflow) put(name string, content []byte) error {
	ctx, stop := context.WithTimeout(m.context, requestTimeout)
	defer stop()
	return m.server.put(ctx, m.artifacts+"/"+name, content)
}

func warn(uri string, err error) {
	fmt.Fprintf(messages, "mlflow: %s does not answer: %s; training goes on without it\n", oneLine(uri), reason(err))
}
