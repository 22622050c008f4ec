// Command weights carries the weights of a run folder to a safetensors file with the originals'
// PyTorch names, and back.
//
//	go run ./scripts/weights to-pytorch --run runs/three three.safetensors
//	go run ./scripts/weights from-pytorch three.safetensors --run runs/three_again
//
// The numbers are the same to the last bit. The file's metadata carries the run's configuration, so
// that the way back restores it; a file that PyTorch wrote has none, and sizes are found from the
// shapes. The optimizer's memory stays behind: a run that came from a file starts it anew.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

const usage = "usage: weights to-pytorch --run DIR FILE, or weights from-pytorch FILE --run DIR"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "weights:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

// settings are the command's arguments; the last three only matter for a file that PyTorch wrote.
type settings struct {
	file, folder           string
	topK, textLength, step int
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New(usage)
	}
	command := map[string]func(settings) error{"to-pytorch": toPyTorch, "from-pytorch": fromPyTorch}[arguments[0]]
	if command == nil {
		return fmt.Errorf("%q is unknown; %s", arguments[0], usage)
	}
	var s settings
	flags := flag.NewFlagSet(arguments[0], flag.ExitOnError)
	flags.StringVar(&s.folder, "run", "", "run folder (required)")
	if arguments[0] == "from-pytorch" {
		flags.IntVar(&s.topK, "top-k", 0, "experts that each token uses; 0 is what the file says, else the originals' 2")
		flags.IntVar(&s.textLength, "text-length", 0, "characters of the longest caption; 0 is what the file says, else 64")
		flags.IntVar(&s.step, "step", 0, "how many updates the weights have had; 0 is what the file says, else 1")
	}
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	// Flags may also follow the file.
	if s.file = flags.Arg(0); s.file != "" {
		if err := flags.Parse(flags.Args()[1:]); err != nil {
			return err
		}
	}
	if s.file == "" || s.folder == "" || flags.NArg() > 0 {
		return errors.New(usage)
	}
	if min(s.topK, s.textLength, s.step) < 0 {
		return errors.New("--top-k, --text-length and --step are at least 0")
	}
	return command(s)
}
