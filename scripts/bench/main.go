// Command bench times a full-size training step against PyTorch's, in turn in the same run, so that
// both meet the same machine. scripts/bench.sh sets the peer up and calls it.
//
// A JSON line on standard output, a table on standard error.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/backend"
	"seemore/pkg/training"
	"seemore/pkg/vlm"
)

const (
	batchSize  = 16
	textLength = 64
	rounds     = 5
	steps      = 8 // of each side in a round
)

// comparison is one line of the output; times in milliseconds, ratio is ours by the peer's.
type comparison struct {
	What     string  `json:"what"`
	Model    string  `json:"model"`
	Backend  string  `json:"backend"`
	OursMS   float64 `json:"ours_ms"`
	Peer     string  `json:"peer"`
	PeerMS   float64 `json:"peer_ms"`
	Ratio    float64 `json:"ratio"`
	RatioMin float64 `json:"ratio_min"`
	RatioMax float64 `json:"ratio_max"`
}

func main() {
	python := flag.String("python", "", "Python with PyTorch")
	script := flag.String("peer", "scripts/peers/torch_step.py", "the peer's script")
	name := flag.String("backend", "", "xla:cpu, xla:cuda or go")
	flag.Parse()
	if err := run(*python, *script, *name); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(python, script, name string) error {
	opened, choice, err := backend.Open(name)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, choice)
	ours := newStepper(opened)
	peer, err := startPeer(python, script)
	if err != nil {
		return err
	}
	defer peer.stop()
	// The first round of each compiles and warms up; it does not count.
	for _, warm := range []func(int) ([]float64, error){ours.run, peer.run} {
		if _, err := warm(3); err != nil {
			return err
		}
	}
	var mine, theirs, ratios []float64
	for round := range rounds {
		a, err := ours.run(steps)
		if err != nil {
			return err
		}
		b, err := peer.run(steps)
		if err != nil {
			return err
		}
		mine, theirs, ratios = append(mine, a...), append(theirs, b...), append(ratios, median(a)/median(b))
		fmt.Fprintf(os.Stderr, "round %d of %d: ours %.0f ms, PyTorch %.0f ms\n", round+1, rounds, 1000*median(a), 1000*median(b))
	}
	result := comparison{"step", "seemore", choice.Name, 1000 * median(mine), "torch", 1000 * median(theirs),
		median(ratios), slices.Min(ratios), slices.Max(ratios)}
	fmt.Fprintf(os.Stderr, "training step: ours %.0f ms, PyTorch eager %.0f ms, ratio %.2f (%.2f to %.2f)\n",
		result.OursMS, result.PeerMS, result.Ratio, result.RatioMin, result.RatioMax)
	return json.NewEncoder(os.Stdout).Encode(result)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// stepper takes our training steps, always on the same batch, as the peer does.
type stepper struct {
	trainer *train.Trainer
	batch   func() train.Batch
}

func newStepper(opened compute.Backend) *stepper {
	m, store := vlm.Seemore(vlm.DefaultConfig()), model.NewStore()
	forward := func(scope *model.Scope, inputs []*graph.Node) []*graph.Node {
		return []*graph.Node{m.Forward(scope, inputs[0], inputs[1])}
	}
	loss := func(labels, predictions []*graph.Node) *graph.Node { return vlm.Loss(predictions[0], labels[0]) }
	size := m.Config.Vision.ImageSize
	images, ids := make([]float32, batchSize*size*size*3), make([]int32, batchSize*textLength)
	random := rand.New(rand.NewPCG(0, 0))
	for i := range images {
		images[i] = random.Float32()
	}
	for i := range ids {
		ids[i] = random.Int32N(int32(m.Config.Decoder.VocabSize))
	}
	batch := func() train.Batch {
		return train.Batch{
			Inputs: []*tensors.Tensor{
				tensors.FromFlatDataAndDimensions(images, batchSize, size, size, 3),
				tensors.FromFlatDataAndDimensions(ids, batchSize, textLength),
			},
			Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(ids, batchSize, textLength)},
		}
	}
	return &stepper{trainer: train.NewTrainer(opened, store, forward, loss, training.Adam{LearningRate: 1e-3}, nil, nil), batch: batch}
}

// run takes n steps and returns the seconds of each, the loss read back.
func (s *stepper) run(n int) ([]float64, error) {
	var seconds []float64
	for range n {
		start := time.Now()
		measured, err := s.trainer.TrainStep(s.batch())
		if err != nil {
			return nil, err
		}
		_ = tensors.ToScalar[float32](measured[0])
		seconds = append(seconds, time.Since(start).Seconds())
	}
	return seconds, nil
}

// peer is the other side: a process that takes steps when it is told to.
type peer struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
}

func startPeer(python, script string) (*peer, error) {
	command := exec.Command(python, script)
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
