package tracking

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// server is the REST API of an MLflow server.
type server struct {
	base  *url.URL
	shown string // the address for messages, without a password
}

// answerError is an answer other than 2xx.
type answerError struct {
	status  int
	message string
}

func (e *answerError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", e.status, http.StatusText(e.status), e.message))
}

func newServer(uri string) (*server, error) {
	base, err := url.Parse(uri)
	if err != nil {
		return nil, err
	}
	if (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return nil, errors.New("an address like http://127.0.0.1:5000 is needed")
	}
	return &server{base, base.Redacted()}, nil
}

// createRun makes a run and returns its id and its folder of files, which is empty if the server does
// not take files itself.
func (s *server) createRun(ctx context.Context, experiment, name string) (id, artifacts string, err error) {
	in, err := s.experiment(ctx, experiment)
	if err != nil {
		return "", "", err
	}
	var answer struct {
		Run struct {
			Info struct {
				ID        string `json:"run_id"`
				Artifacts string `json:"artifact_uri"`
			} `json:"info"`
		} `json:"run"`
	}
	body := map[string]any{"experiment_id": in, "run_name": name, "start_time": time.Now().UnixMilli()}
	if err := s.post(ctx, "runs/create", body, &answer); err != nil {
		return "", "", err
	}
	info := answer.Run.Info
	if info.ID == "" {
		return "", "", errors.New("it is no MLflow server: the run has no id")
	}
	if folder, err := url.Parse(info.Artifacts); err == nil && folder.Scheme == "mlflow-artifacts" {
		artifacts = strings.Trim(folder.Path, "/")
	}
	return info.ID, artifacts, nil
}

// experiment is the id of an experiment, which is made if it is not there.
func (s *server) experiment(ctx context.Context, name string) (string, error) {
	var found struct {
		Experiment struct {
			ID string `json:"experiment_id"`
		} `json:"experiment"`
	}
	get := func() error {
		return s.call(ctx, http.MethodGet, s.api("experiments/get-by-name", "experiment_name", name), nil, &found)
	}
	err := get()
	if missing := new(answerError); !errors.As(err, &missing) || missing.status != http.StatusNotFound {
		return found.Experiment.ID, err
	}
	var made struct {
		ID string `json:"experiment_id"`
	}
	if err = s.post(ctx, "experiments/create", map[string]any{"name": name}, &made); err != nil && get() == nil {
		return found.Experiment.ID, nil // another training made it meanwhile
	}
	return made.ID, err
}

// api is the address of a method, with the names and values of a query.
func (s *server) api(method string, query ...string) *url.URL {
	address, values := s.base.JoinPath("api/2.0/mlflow", method), url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	address.RawQuery = values.Encode()
	return address
}

func (s *server) post(ctx context.Context, method string, body, answer any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return s.call(ctx, http.MethodPost, s.api(method), content, answer)
}

// put uploads a file.
func (s *server) put(ctx context.Context, path string, content []byte) error {
	escaped := strings.ReplaceAll(url.PathEscape(path), "%2F", "/")
	return s.call(ctx, http.MethodPut, s.base.JoinPath("api/2.0/mlflow-artifacts/artifacts", escaped), content, nil)
}

// call makes one request; a nil answer is not looked at.
func (s *server) call(ctx context.Context, verb string, address *url.URL, content []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, verb, address.String(), bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if verb == http.MethodPut {
		request.Header.Set("Content-Type", "application/octet-stream")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	received, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		var why struct{ Message string }
		_ = json.Unmarshal(received, &why) // the status says enough
		return &answerError{response.StatusCode, why.Message}
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(received, answer); err != nil {
		return fmt.Errorf("it is no MLflow server: %w", err)
	}
	return nil
}

// reason says in one line why a request failed.
func reason(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "not everything was sent in time"
	}
	return cut(oneLine(err.Error()), 200)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
