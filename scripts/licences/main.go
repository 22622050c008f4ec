// Command licences writes THIRD_PARTY.md: the modules that are in the programs, the kernel and the tools, and the Python
// packages, each with its licence, as recognised from the files in the module cache and in .venv.
//
//	go run ./scripts/licences            writes it
//	go run ./scripts/licences --check    exit code 1 if it is not up to date
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

const (
	page  = "THIRD_PARTY.md"
	intro = `# What others made

Written by ` + "`go run ./scripts/licences`" + ` for linux/amd64: what is built and installed here, with the licences that its own files
state. None of it is part of this repository. Go's standard library (BSD-3-Clause) is in every program too. What ` + "`setup.sh --cuda`" + `,
` + "`mlflow.sh`, `bench.sh` and `audit.sh`" + ` add in environments of their own is not listed.
`
)

// component is something that others made.
type component struct{ name, version, licence string }

func main() {
	check := flag.Bool("check", false, "only compare")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		fmt.Println("skipped: the list is made on linux/amd64")
		return nil
	}
	want, err := list()
	if err != nil {
		return err
	}
	if !check {
		return os.WriteFile(page, want, 0o644)
	}
	if got, err := os.ReadFile(page); err != nil || !bytes.Equal(got, want) {
		return fmt.Errorf("%s is not up to date: go run ./scripts/licences", page)
	}
	return nil
}

// list is the page.
func list() ([]byte, error) {
	// The tag is for what only notebooks import; "tool" is GoNB.
	programs, err := goModules(".", "-tags=modules", "./...", "tool")
	if err != nil {
		return nil, err
	}
	tools, err := goModules(filepath.Join("scripts", "tools"), "tool")
	if err != nil {
		return nil, err
	}
	packages, err := pythonPackages(filepath.Join("scripts", "requirements.txt"), ".venv")
	if err != nil {
		return nil, err
	}
	text := bytes.NewBufferString(intro)
	for _, part := range []struct {
		title      string
		components []component
	}{
		{"Go: programs, notebooks and the kernel", programs},
		{"Go: tools of the kernel and of audit.sh", tools},
		{"Python: scripts/requirements.txt", packages},
	} {
		fmt.Fprintf(text, "\n## %s\n\n| | version | licence |\n| --- | --- | --- |\n", part.title)
		for _, c := range part.components {
			if c.licence == "" {
				return nil, fmt.Errorf("%s %s: no licence was recognised: look at it and name it in known.go", c.name, c.version)
			}
			fmt.Fprintf(text, "| %s | %s | %s |\n", c.name, c.version, c.licence)
		}
	}
	return text.Bytes(), nil
}
