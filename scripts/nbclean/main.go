// Command nbclean keeps what a reader wants of executed notebooks and drops what changes with every run:
// counters, ids, run times, and how the kernel cut its output to pieces. After it, a rerun with the same
// seed changes no line but the last digits of a curve.
//
//	go run ./scripts/nbclean [--check] [NOTEBOOK...]     default: notebooks/*.ipynb
//
// With --check nothing is written; exit code 1 names the notebooks that are not clean.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "nbclean:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	flags := flag.NewFlagSet("nbclean", flag.ExitOnError)
	check := flags.Bool("check", false, "write nothing, only say which notebooks are not clean")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	paths := flags.Args()
	if len(paths) == 0 {
		paths, _ = filepath.Glob(filepath.Join(os.Getenv("SEEMORE_ROOT"), "notebooks", "*.ipynb"))
	}
	if len(paths) == 0 {
		return fmt.Errorf("no notebook is named, and there is none in notebooks/")
	}
	var dirty []string
	for _, path := range paths {
		changed, err := cleanFile(path, *check)
		if err != nil {
			return err
		}
		if changed {
			dirty = append(dirty, path)
		}
	}
	if *check && len(dirty) > 0 {
		return fmt.Errorf("not clean: %s; go run ./scripts/nbclean makes them so", strings.Join(dirty, ", "))
	}
	return nil
}

// cleanFile cleans a notebook and tells whether that changed it; it writes only if check is false.
func cleanFile(path string, check bool) (changed bool, err error) {
	before, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	after, err := clean(before)
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	changed = !bytes.Equal(before, after)
	if !changed || check {
		return changed, nil
	}
	// A notebook is somebody's work: the old one stays until the new one is whole.
	unfinished := path + ".unfinished"
	if err := os.WriteFile(unfinished, after, 0o644); err != nil {
		return false, err
	}
	return true, os.Rename(unfinished, path)
}
