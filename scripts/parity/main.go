// Command parity compares this implementation with numbers that the original PyTorch code produced.
//
//	go run ./scripts/parity [--backend B] DIR...
//
// Each folder is one case: config.json says what was computed, safetensors files hold the inputs, the
// weights and what came out. For every tensor one line is printed: case, tensor, largest absolute
// error, tolerance, ok or FAIL. The exit code is 1 if anything fails; a folder that is damaged, of an
// unknown kind, or has results that nothing compares is an error.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/gomlx/compute"

	"seemore/pkg/backend"
	"seemore/pkg/parity"
)

func main() {
	name := flag.String("backend", "", "xla:cpu, xla:cuda or go; empty picks the fastest that works")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "parity: at least one case folder is required")
		os.Exit(1)
	}
	opened, choice, err := backend.Open(*name)
	if err != nil {
		fmt.Fprintln(os.Stderr, "parity:", err)
		os.Exit(1)
	}
	fmt.Println(choice)
	if !compareAll(opened, flag.Args()) {
		os.Exit(1)
	}
}

// outcome is what became of one folder.
type outcome struct {
	results []parity.Result
	err     error
}

// compareAll runs every case, prints a line per tensor and a summary, and tells whether all is well.
// With XLA most of the time goes into compiling, which uses one core for each case, so several run at
// a time; the pure-Go backend is quick, and its worker pool can wait for itself for ever.
func compareAll(opened compute.Backend, folders []string) bool {
	outcomes := make([]chan outcome, len(folders))
	atATime := 1
	if strings.HasPrefix(opened.Name(), "xla") {
		atATime = min(4, runtime.GOMAXPROCS(0))
	}
	slots := make(chan struct{}, atATime)
	for i := range folders {
		outcomes[i] = make(chan outcome, 1)
	}
	go func() {
		for i, folder := range folders {
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				results, err := parity.Run(opened, folder, nil)
				outcomes[i] <- outcome{results, err}
			}()
		}
	}()
	var compared, failed, errors int
	for i, folder := range folders {
		o := <-outcomes[i]
		for _, r := range o.results {
			compared++
			if !r.OK() {
				failed++
			}
			fmt.Println(r)
		}
		if o.err != nil {
			errors++
			fmt.Fprintf(os.Stderr, "parity: %s: %s\n", folder, o.err)
		}
	}
	fmt.Printf("%d cases, %d tensors compared, %d failed, %d errors\n", len(folders), compared, failed, errors)
	return failed == 0 && errors == 0
}
