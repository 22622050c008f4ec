package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gomlx/compute"

	"seemore/pkg/backend"
)

// job is what our own side works on: the arguments of its process.
type job struct {
	Work       string `json:"work"` // step, generate, read
	Model      string `json:"model"`
	Backend    string `json:"backend"`
	Batch      int    `json:"batch"`      // pictures in a batch, or those that are written about at once
	Characters int    `json:"characters"` // of a text
	Blocks     int    `json:"blocks"`     // of the decoder
	Experts    int    `json:"experts"`    // of seemoe, of which each token uses two
	Folder     string `json:"folder"`     // a data set
	Plain      bool   `json:"plain"`      // every expert works on every token
}

// fullSize is a job on a model of the originals' sizes.
func fullSize(work, model string, batch int) job {
	return job{Work: work, Model: model, Batch: batch, Characters: 64, Blocks: 8, Experts: 8}
}

// String is the job as an argument.
func (j job) String() string {
	text, err := json.Marshal(j)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return string(text)
}

// worker does one step of a job and returns its loss, if it has one.
type worker interface{ work() (float64, error) }

// workers make what works on a job, by its kind.
var workers = map[string]func(compute.Backend, job) (worker, error){
	"step":     newStepper,
	"generate": newWriter,
	"read":     newReader,
}

// serve is our own side of the comparisons, see [side]. It works until its input ends.
func serve(arguments []string) error {
	var j job
	if len(arguments) != 1 {
		return errors.New("serve takes a job")
	}
	if err := json.Unmarshal([]byte(arguments[0]), &j); err != nil {
		return fmt.Errorf("the job: %w", err)
	}
	opened, _, err := backend.Open(j.Backend)
	if err != nil {
		return err
	}
	w, err := workers[j.Work](opened, j)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked struct{ Steps int }
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		var a answer
		for range asked.Steps {
			start := time.Now()
			if a.Loss, err = w.work(); err != nil {
				return err
			}
			a.Seconds = append(a.Seconds, time.Since(start).Seconds())
		}
		if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}
