package jobs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"seemore/pkg/training"
)

const numExperiments = 10

// checkout is a folder with the jobs and, in the place of train, a program that makes its run folder and writes down
// what it was called with.
func checkout(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{"scripts/jobs", "build"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, content := range map[string]string{
		"scripts/env.sh":             read(t, "../env.sh"),
		"scripts/jobs/experiment.sh": read(t, "experiment.sh"),
		"build/train": `#!/usr/bin/env bash
while [ "$1" != --run ]; do said="${said-}$1 "; shift; done
mkdir -p "$2"
printf '%s\n' "$said$*" >>"$2/called"
`,
	} {
		if err := os.WriteFile(filepath.Join(root, path), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// called lists what train was called with, run by run.
func called(t *testing.T, pattern string) (calls []string) {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		calls = append(calls, strings.Split(strings.TrimSpace(read(t, path)), "\n")...)
	}
	return calls
}

func parses(t *testing.T, script string) {
	t.Helper()
	bash := exec.Command("bash", "-n")
	bash.Stdin = strings.NewReader(script)
	if said, err := bash.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, said)
	}
}

// TestExperiments: every number is another training, with flags and recipes that there are.
func TestExperiments(t *testing.T) {
	root := checkout(t)
	experiment := func(arguments ...string) error {
		command := exec.Command(filepath.Join(root, "scripts/jobs/experiment.sh"), arguments...)
		command.Env = append(os.Environ(), "MLFLOW_TRACKING_URI=http://127.0.0.1:5000")
		said, err := command.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, said)
		}
		return nil
	}
	for number := range numExperiments {
		if err := experiment(fmt.Sprint(number)); err != nil {
			t.Fatal(err)
		}
	}
	calls := called(t, filepath.Join(root, "runs/*/called"))
	slices.Sort(calls)
	if len(slices.Compact(calls)) != numExperiments {
		t.Errorf("%d different trainings, want %d", len(calls), numExperiments)
	}
	flags := read(t, "../train/main.go")
	for _, call := range calls {
		for _, name := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(call, -1) {
			if !regexp.MustCompile(`Var\(&s\.\w+, "` + name[1] + `"`).MatchString(flags) {
				t.Errorf("train has no flag %s", name[0])
			}
		}
		if _, _, err := training.Recipe(regexp.MustCompile(`--recipe (\S+)`).FindStringSubmatch(call)[1]); err != nil {
			t.Error(err)
		}
		if !strings.Contains(call, "--mlflow http://127.0.0.1:5000 --interrupted-code 75") {
			t.Errorf("called with %s", call)
		}
	}
	for _, number := range []string{"", "x", "-1", fmt.Sprint(numExperiments)} {
		if experiment(number) == nil {
			t.Errorf("experiment %q ran", number)
		}
	}
}
