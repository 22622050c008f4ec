package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// side is one of those that are compared: a process that works when it is told to, and rests while the
// others do. It reads {"steps": N} and answers with the seconds that each step took.
type side struct {
	name    string
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	said    *bytes.Buffer // on its standard error
	started time.Time
	turns   turns
	last    float64 // the loss of the last step, or what else it returned
}

// answer is what a side says after its turn.
type answer struct {
	Seconds []float64 `json:"seconds"`
	Loss    float64   `json:"loss"` // of the last step
}

func startSide(name string, command *exec.Cmd) (*side, error) {
	s := &side{name: name, command: command, said: &bytes.Buffer{}}
	command.Stderr = s.said
	var err error
	if s.in, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.out = bufio.NewReader(out)
	s.started = time.Now()
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", name, err)
	}
	return s, nil
}

func (s *side) run(steps int) (answer, error) {
	var a answer
	_, err := fmt.Fprintf(s.in, "{\"steps\": %d}\n", steps)
	if err == nil {
		var line []byte
		if line, err = s.out.ReadBytes('\n'); err == nil {
			err = json.Unmarshal(line, &a)
		}
	}
	if err == nil && len(a.Seconds) != steps {
		err = fmt.Errorf("%d times for %d steps", len(a.Seconds), steps)
	}
	if err != nil {
		return a, fmt.Errorf("%s ended: %w", s.name, errors.Join(err, s.lastWords()))
	}
	s.last = a.Loss
	return a, nil
}

// lastWords is the last line of a process that failed.
func (s *side) lastWords() error {
	s.stop()
	lines := strings.Split(strings.TrimSpace(s.said.String()), "\n")
	return errors.New(lines[len(lines)-1])
}

func (s *side) stop() {
	s.in.Close()
	_ = s.command.Wait() // it ends when its input does
}

// peakMiB is the most memory that the process had resident so far; 0 where the system does not tell.
func (s *side) peakMiB() float64 {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(content), "VmHWM:")
	kib, err := strconv.ParseFloat(strings.TrimSpace(strings.SplitN(after, "kB", 2)[0]), 64)
	if err != nil {
		return 0
	}
	return kib / 1024
}

func stopAll(sides []*side) {
	for _, s := range sides {
		s.stop()
	}
}
