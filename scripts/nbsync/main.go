// Command nbsync compares the notebooks with the packages: a function or type that a notebook's cell
// defines and that a package has too must be the same in both, so that the lesson and the library
// cannot drift apart. Comments and layout do not count.
//
//	go run ./scripts/nbsync            compares; exit code 1 names every difference
//	go run ./scripts/nbsync -write     copies the packages' text into the notebooks' cells
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// packages are those whose functions notebooks may define again.
var packages = []string{"pkg/vlm"}

func main() {
	write := flag.Bool("write", false, "copy the packages' text into the notebooks' cells")
	root := flag.String("root", ".", "the checkout")
	flag.Parse()
	if err := run(*root, *write); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run compares all notebooks below root and reports on standard output.
func run(root string, write bool) error {
	library, err := readPackages(root)
	if err != nil {
		return err
	}
	notebooks, err := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb"))
	if err != nil {
		return err
	}
	var problems []string
	compared := 0
	for _, path := range notebooks {
		book, err := readNotebook(path)
		if err != nil {
			return err
		}
		for i := range book.cells {
			if write {
				if err := book.cells[i].rewrite(library); err != nil {
					return fmt.Errorf("%s: %w", path, err)
				}
			}
			n, found, err := book.cells[i].compare(library)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			compared += n
			for _, problem := range found {
				problems = append(problems, fmt.Sprintf("%s %s", filepath.Base(path), problem))
			}
		}
		if write {
			if err := book.save(); err != nil {
				return err
			}
		}
	}
	fmt.Printf("nbsync: %d definitions in %d notebooks compared, %d differ\n", compared, len(notebooks), len(problems))
	if len(problems) > 0 {
		return fmt.Errorf("%s", strings.Join(problems, "\n"))
	}
	if compared == 0 {
		return fmt.Errorf("nbsync: no notebook defines anything that a package has")
	}
	return nil
}
