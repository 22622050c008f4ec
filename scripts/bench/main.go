// Command bench times the full-size models against PyTorch and JAX, in turn in the same run, so that all
// meet the same machine. scripts/bench.sh sets the peers up and calls it; a built one needs no Go:
//
//	bench --python PYTHON [--device cpu|cuda] [--peers torch,jax] [--out FILE] step generate first-loss grow memory
//
// A JSON line for each comparison goes to standard output, a table to standard error, and both with the
// machine and the versions to FILE.
//
//	bench readme [--check]
//
// writes the tables of README.md from the files that they name, or says that they differ.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"seemore/pkg/backend"
)

// benches are what can be asked for, in the order of all.
var benches = []struct {
	name string
	run  func(*bench) error
}{
	{"first-loss", firstLoss}, // first: it fills torch.compile's cache
	{"step", step},
	{"generate", generate},
	{"memory", memory},
	{"grow", grow},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) > 0 {
		switch arguments[0] {
		case "serve":
			return serve(arguments[1:])
		case "readme":
			return readme(slices.Contains(arguments[1:], "--check"))
		}
	}
	b := &bench{}
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	flags.StringVar(&b.python, "python", "", "Python with PyTorch and JAX (required but for grow)")
	flags.StringVar(&b.device, "device", "cpu", "cpu or cuda; TF32 is off for all")
	flags.StringVar(&b.backend, "backend", "", "ours, if another than the device's, go for example")
	flags.StringVar(&b.out, "out", "", "file for the results, the machine and the versions")
	flags.StringVar(&b.original, "torch-original", "", "folder of the originals' seemore.py and seeMoE.py, as a further peer")
	flags.IntVar(&b.rounds, "rounds", 5, "how often each has its turn")
	flags.IntVar(&b.steps, "steps", 8, "steps of each in a round")
	peers := flags.String("peers", "torch,torch.compile,jax", "with whom to compare")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	asked, err := selected(flags.Args())
	if err != nil {
		return err
	}
	if err := b.prepare(strings.Split(*peers, ",")); err != nil {
		return err
	}
	defer b.close()
	for _, one := range benches {
		if !slices.Contains(asked, one.name) {
			continue
		}
		b.what = one.name
		if err := one.run(b); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	return nil
}

// selected are the names of the benches that were asked for.
func selected(asked []string) ([]string, error) {
	var names []string
	for _, one := range benches {
		names = append(names, one.name)
	}
	for _, name := range asked {
		if name == "all" {
			return names, nil
		}
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("%q is unknown: %s or all", name, strings.Join(names, ", "))
		}
	}
	if len(asked) == 0 {
		return nil, fmt.Errorf("nothing asked for: %s or all", strings.Join(names, ", "))
	}
	return asked, nil
}

// bench is one run of the command.
type bench struct {
	python, device, backend, out, original string
	rounds, steps                          int

	peers   []peer
	root    string // of the checkout
	scratch string // removed at the end
	what    string
	report  report
}

// prepare checks what was asked for and looks at the machine.
func (b *bench) prepare(peers []string) (err error) {
	if b.rounds < 1 || b.steps < 1 {
		return fmt.Errorf("--rounds is %d and --steps %d: at least 1", b.rounds, b.steps)
	}
	if b.root, err = backend.Checkout(); err != nil {
		return err
	}
	if b.backend == "" {
		b.backend = map[string]string{"cpu": "xla:cpu", "cuda": "xla:cuda,tf32=false"}[b.device]
	}
	if b.backend == "" {
		return fmt.Errorf("--device is %q: cpu or cuda", b.device)
	}
	if b.scratch, err = os.MkdirTemp("", "seemore-bench-"); err != nil {
		return err
	}
	if err := b.choosePeers(peers); err != nil {
		return err
	}
	b.report = newReport(b)
	fmt.Fprintf(os.Stderr, "%s, %s, TF32 off: ours on %s\n", b.report.Machine, b.device, b.backend)
	return nil
}

func (b *bench) close() { _ = os.RemoveAll(b.scratch) } // a folder of caches that is left does no harm

// add puts a comparison out, everywhere.
func (b *bench) add(c comparison) error {
	c.What, c.Backend = b.what, b.backend
	fmt.Fprintln(os.Stderr, c)
	if err := json.NewEncoder(os.Stdout).Encode(c); err != nil {
		return err
	}
	b.report.Results = append(b.report.Results, c)
	return b.report.save(b.out)
}
