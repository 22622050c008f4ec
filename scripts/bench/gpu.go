package main

import (
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// gpuWatch looks how much of the GPU's memory is in use, again and again.
type gpuWatch struct {
	end          chan struct{}
	done         sync.WaitGroup
	once         sync.Once
	before, most float64
}

// watchGPU starts to look; what is in use now is not counted.
func watchGPU() *gpuWatch {
	w := &gpuWatch{end: make(chan struct{}), before: gpuMiB()}
	if w.before < 0 {
		return w
	}
	w.most = w.before
	w.done.Go(func() {
		for {
			w.most = max(w.most, gpuMiB())
			select {
			case <-w.end:
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
	return w
}

// stop ends looking and returns the most that was in use beyond what was before, MiB; 0 without a GPU.
func (w *gpuWatch) stop() float64 {
	w.once.Do(func() { close(w.end) })
	w.done.Wait()
	if w.before < 0 {
		return 0
	}
	return w.most - w.before
}

// gpuMiB is what is in use of the first GPU's memory; negative without one.
func gpuMiB() float64 {
	output, err := exec.Command("nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits").Output()
	if err != nil {
		return -1
	}
	first, _, _ := strings.Cut(string(output), "\n")
	used, err := strconv.ParseFloat(strings.TrimSpace(first), 64)
	if err != nil {
		return -1
	}
	return used
}
