//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterrupted: SIGINT and SIGTERM end a training with everything saved and exit code 0 or the one asked for, and the same
// command ends as if nothing had been. Meanwhile a second training of the run is refused.
func TestInterrupted(t *testing.T) {
	data, root := colours(t), t.TempDir()
	arguments := func(run string, steps int) []string {
		return []string{"--data", data, "--run", filepath.Join(root, run), "--steps", strconv.Itoa(steps)}
	}
	const endless = 1_000_000
	for code, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} { // 0 is without a code
		run := signal.String()
		folder := filepath.Join(root, run)
		var said bytes.Buffer
		process := command(t, &said, append(arguments(run, endless), "--interrupted-code", strconv.Itoa(code))...)
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		for points(t, folder) < 3 {
			time.Sleep(time.Millisecond)
		}
		var second bytes.Buffer
		if err := command(t, &second, arguments(run, endless)...).Run(); err == nil || !strings.HasSuffix(second.String(), folder+" is being trained already: one training at a time\n") {
			t.Errorf("a second training: %v, %s", err, second.String())
		}
		if err := process.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		_ = process.Wait()
		t.Logf("%s: ended after %v", run, time.Since(started))
		saved := checkpoints(t, folder)
		if process.ProcessState.ExitCode() != code || len(saved) == 0 || saved[len(saved)-1] != points(t, folder) || !strings.Contains(said.String(), "interrupted after step ") {
			t.Fatalf("%v, want %d; %d steps, checkpoints %v: %s", process.ProcessState, code, points(t, folder), saved, said.String())
		}
		steps := saved[len(saved)-1] + 10
		for _, run := range []string{run, run + " whole"} {
			if err := command(t, nil, arguments(run, steps)...).Run(); err != nil {
				t.Fatal(err)
			}
		}
		sameWeights(t, folder+" whole", folder, steps)
	}
}
