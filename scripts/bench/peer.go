package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// peer is the other side: a process that takes steps when it is told to.
type peer struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

func startPeer(python, script string, arguments ...string) (*peer, error) {
	command := exec.Command(python, append([]string{script}, arguments...)...)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &peer{command, in, bufio.NewScanner(out)}, command.Start()
}

func (p *peer) run(n int) ([]float64, error) {
	if _, err := fmt.Fprintf(p.in, "{\"steps\": %d}\n", n); err != nil {
		return nil, err
	}
	if !p.out.Scan() {
		return nil, fmt.Errorf("the peer ended: %w", p.command.Wait())
	}
	var answer struct{ Seconds []float64 }
	err := json.Unmarshal(p.out.Bytes(), &answer)
	return answer.Seconds, err
}

func (p *peer) stop() {
	p.in.Close()
	_ = p.command.Wait() // it ends when its input does
}
