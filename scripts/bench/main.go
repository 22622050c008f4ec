// Command bench times the full-size models against PyTorch's, in turn in the same run, so that both meet
// the same machine: training steps, and writing texts. scripts/bench.sh sets the peer up and calls it.
//
//	go run ./scripts/bench --python PYTHON step generate grow
//
// A JSON line for each comparison on standard output, a table on standard error.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"seemore/pkg/backend"
)

const (
	rounds    = 5
	steps     = 8 // of each side in a round
	growSteps = 3 // the same, where a step may take many seconds
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

// side is one of two that are compared: it takes n steps and returns the seconds of each.
type side interface {
	run(n int) ([]float64, error)
}

func main() {
	python := flag.String("python", "", "Python with PyTorch")
	scripts := flag.String("peers", "scripts/peers", "folder of the peers' scripts")
	name := flag.String("backend", "", "xla:cpu, xla:cuda or go")
	flag.Parse()
	if err := run(flag.Args(), *python, *scripts, *name); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(what []string, python, scripts, name string) error {
	benches := map[string]func(compute.Backend, string, string) ([]comparison, error){"step": step, "generate": generate, "grow": grow}
	for _, name := range what {
		if benches[name] == nil {
			return fmt.Errorf("%q is unknown: step, generate or grow", name)
		}
	}
	opened, choice, err := backend.Open(name)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, choice)
	for _, name := range what {
		results, err := benches[name](opened, python, scripts)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, result := range results {
			result.What, result.Backend = name, choice.Name
			fmt.Fprintf(os.Stderr, "%s, %s: ours %.0f ms, %s %.0f ms, ratio %.2f (%.2f to %.2f)\n", result.What, result.Model,
				result.OursMS, result.Peer, result.PeerMS, result.Ratio, result.RatioMin, result.RatioMax)
			if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
				return err
			}
		}
	}
	return nil
}

// step compares a training step of both models with PyTorch's.
func step(opened compute.Backend, python, scripts string) ([]comparison, error) {
	var results []comparison
	for _, model := range []string{"seemore", "seemoe"} {
		ours, err := newStepper(opened, model, 8, true)
		if err != nil {
			return nil, err
		}
		peer, err := startPeer(python, scripts+"/torch_step.py", model)
		if err != nil {
			return nil, err
		}
		result, err := compare(ours, peer, steps)
		peer.stop()
		if err != nil {
			return nil, err
		}
		result.Model, result.Peer = model, "torch"
		results = append(results, result)
	}
	return results, nil
}

// grow compares a step of 64 experts with one of 8, each token using two: in the fast form and in the
// plain one, which computes all of them.
func grow(opened compute.Backend, _, _ string) ([]comparison, error) {
	var results []comparison
	for _, grouped := range []bool{true, false} {
		many, err := newStepper(opened, "seemoe", 64, grouped)
		if err != nil {
			return nil, err
		}
		few, err := newStepper(opened, "seemoe", 8, grouped)
		if err != nil {
			return nil, err
		}
		result, err := compare(many, few, growSteps)
		if err != nil {
			return nil, err
		}
		form := map[bool]string{true: "grouped", false: "plain"}[grouped]
		result.Model, result.Peer = "seemoe, 64 experts, "+form, "8 experts, "+form
		results = append(results, result)
	}
	return results, nil
}

// compare lets two sides take their turns, so many steps each. The first turn of each compiles and does not count.
func compare(ours, peer side, steps int) (comparison, error) {
	for _, warm := range []side{ours, peer} {
		if _, err := warm.run(3); err != nil {
			return comparison{}, err
		}
	}
	var mine, theirs, ratios []float64
	for round := range rounds {
		a, err := ours.run(steps)
		if err != nil {
			return comparison{}, err
		}
		b, err := peer.run(steps)
		if err != nil {
			return comparison{}, err
		}
		mine, theirs, ratios = append(mine, a...), append(theirs, b...), append(ratios, median(a)/median(b))
		fmt.Fprintf(os.Stderr, "round %d of %d: %.0f ms and %.0f ms\n", round+1, rounds, 1000*median(a), 1000*median(b))
	}
	return comparison{OursMS: 1000 * median(mine), PeerMS: 1000 * median(theirs),
		Ratio: median(ratios), RatioMin: slices.Min(ratios), RatioMax: slices.Max(ratios)}, nil
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
