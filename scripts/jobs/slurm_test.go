package jobs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestSlurm(t *testing.T) {
	script, root := read(t, "slurm.sh"), checkout(t)
	parses(t, script)
	head, body, _ := strings.Cut(script, "\nset -euo pipefail\n")
	options := regexp.MustCompile(`(?m)^#SBATCH --([a-z-]+)(?:=(\S+))?$`).FindAllStringSubmatch(head, -1)
	if strings.Count(script, "SBATCH") != len(options) || strings.Contains(body, "#SBATCH") {
		t.Errorf("an #SBATCH line is malformed, or stands where Slurm does not read it")
	}
	given := map[string]string{}
	for _, option := range options {
		given[option[1]] = option[2]
	}
	if want := fmt.Sprintf("0-%d%%4", numExperiments-1); given["array"] != want {
		t.Errorf("array is %s, want %s", given["array"], want)
	}
	for _, name := range []string{"job-name", "ntasks", "cpus-per-task", "mem", "time", "output", "signal"} {
		if given[name] == "" {
			t.Errorf("no %s", name)
		}
	}
	tools := t.TempDir()
	if err := os.WriteFile(filepath.Join(tools, "srun"), []byte("#!/bin/sh\nexec \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	job := exec.Command("bash", "-s")
	job.Stdin = strings.NewReader(script)
	job.Env = append(os.Environ(), "SLURM_SUBMIT_DIR="+root, "SLURM_ARRAY_TASK_ID=7", "PATH="+tools+":"+os.Getenv("PATH"))
	if said, err := job.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if calls := called(t, filepath.Join(root, "runs/frozen-2/called")); len(calls) != 1 {
		t.Errorf("the job called %v", calls)
	}
}
