package main

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestKilled kills the trainer at random moments, SEEMORE_KILLS times, and starts it again: a complete
// checkpoint is never lost, nor more than the steps since it, and the weights become those of a run
// that was left alone, to the last bit.
func TestKilled(t *testing.T) {
	kills, err := strconv.Atoi(cmp.Or(os.Getenv("SEEMORE_KILLS"), "5"))
	if err != nil {
		t.Fatal(err)
	}
	const steps, interval = 90, 3
	data := colours(t)
	train := func(folder string, alive time.Duration) (finished bool) {
		var said bytes.Buffer
		process := command(t, &said, "--data", data, "--run", folder, "--steps", strconv.Itoa(steps), "--checkpoint-every", strconv.Itoa(interval))
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		if alive > 0 {
			defer time.AfterFunc(alive, func() { _ = process.Process.Kill() }).Stop()
		}
		err := process.Wait()
		if err != nil && process.ProcessState.ExitCode() != -1 { // -1: killed
			t.Fatalf("%v: %s", err, said.String())
		}
		return err == nil
	}
	whole := filepath.Join(t.TempDir(), "whole")
	train(whole, 0)

	moments := rand.New(rand.NewPCG(1, 2))
	finished, killed, lost := 0, 0, 0
	for folder, newest := filepath.Join(t.TempDir(), "run"), 0; killed < kills || newest < steps; {
		alive := time.Duration(1 + moments.Int64N(int64(900*time.Millisecond)))
		if killed >= kills {
			alive = 0
		}
		if !train(folder, alive) {
			killed++
		}
		saved := checkpoints(t, folder)
		for _, step := range saved {
			values(t, folder, step)
		}
		last := 0
		if len(saved) > 0 {
			last = saved[len(saved)-1]
		}
		if last < newest {
			t.Fatalf("the newest checkpoint was %d and is %d", newest, last)
		}
		if done := points(t, folder); done < last || done > last+interval {
			t.Fatalf("%d steps were done and %d are saved", done, last)
		} else {
			lost += done - last
		}
		if len(saved) > 3 {
			t.Fatalf("checkpoints are %v", saved)
		}
		if left := unfinished(t, folder); left > 1 {
			t.Fatalf("%d unfinished files", left)
		}
		if newest = last; newest == steps {
			finished++
			if left := unfinished(t, folder); left > 0 {
				t.Errorf("a finished run has %d unfinished files", left)
			}
			sameWeights(t, whole, folder, steps)
			one, _ := os.ReadFile(filepath.Join(whole, "training_plot_points.json"))
			other, _ := os.ReadFile(filepath.Join(folder, "training_plot_points.json"))
			if !bytes.Equal(one, other) {
				t.Error("the metric files differ")
			}
			if killed < kills {
				folder, newest = filepath.Join(t.TempDir(), "run"), 0
			}
		}
	}
	t.Logf("%d kills, %d runs came to their end, %d steps were done twice", killed, finished, lost)
}

// unfinished counts what a process that was killed left half written.
func unfinished(t *testing.T, folder string) int {
	t.Helper()
	left := 0
	for _, pattern := range []string{".unfinished-*", "checkpoints/.unfinished-*"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		left += len(found)
	}
	return left
}
