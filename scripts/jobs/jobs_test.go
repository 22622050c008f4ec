package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

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

// object is what the Kubernetes file may have: a field that is not here is an error.
type object struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       struct {
		// Of a claim.
		AccessModes []string `yaml:"accessModes"`
		Resources   resources
		// Of a job.
		CompletionMode       string `yaml:"completionMode"`
		Completions          int
		Parallelism          int
		BackoffLimitPerIndex int `yaml:"backoffLimitPerIndex"`
		PodFailurePolicy     struct {
			Rules []struct {
				Action      string
				OnExitCodes struct {
					ContainerName string `yaml:"containerName"`
					Operator      string
					Values        []int
				} `yaml:"onExitCodes"`
			}
		} `yaml:"podFailurePolicy"`
		Template struct {
			Spec struct {
				RestartPolicy                 string         `yaml:"restartPolicy"`
				TerminationGracePeriodSeconds int            `yaml:"terminationGracePeriodSeconds"`
				SecurityContext               map[string]int `yaml:"securityContext"`
				Containers                    []struct {
					Name, Image   string
					Command, Args []string
					WorkingDir    string `yaml:"workingDir"`
					Env           []struct{ Name, Value string }
					Resources     resources
					VolumeMounts  []struct {
						Name      string
						MountPath string `yaml:"mountPath"`
					} `yaml:"volumeMounts"`
				}
				Volumes []struct {
					Name                  string
					PersistentVolumeClaim struct {
						ClaimName string `yaml:"claimName"`
					} `yaml:"persistentVolumeClaim"`
				}
			}
		}
	}
}

type resources struct{ Requests, Limits map[string]string }

func TestKubernetes(t *testing.T) {
	decoder := yaml.NewDecoder(strings.NewReader(read(t, "kubernetes.yaml")))
	decoder.KnownFields(true)
	kinds := map[string]object{}
	for {
		var next object
		err := decoder.Decode(&next)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if next.APIVersion == "" || next.Metadata.Name == "" {
			t.Errorf("no version or no name: %+v", next)
		}
		kinds[next.Kind] = next
	}
	job, claim := kinds["Job"].Spec, kinds["PersistentVolumeClaim"]
	pod := job.Template.Spec
	if job.CompletionMode != "Indexed" || job.Completions != numExperiments || job.Parallelism < 1 || pod.RestartPolicy != "Never" {
		t.Errorf("the job is %+v", job)
	}
	if len(pod.Containers) != 1 || len(pod.Volumes) != 1 || len(pod.Containers[0].VolumeMounts) != 1 || len(job.PodFailurePolicy.Rules) != 1 {
		t.Fatalf("the pod is %+v", pod)
	}
	container, volume, rule := pod.Containers[0], pod.Volumes[0], job.PodFailurePolicy.Rules[0]
	if container.VolumeMounts[0].Name != volume.Name || volume.PersistentVolumeClaim.ClaimName != claim.Metadata.Name {
		t.Errorf("volumes: %+v, %+v, %+v", container.VolumeMounts, volume, claim)
	}
	if rule.Action != "Ignore" || rule.OnExitCodes.ContainerName != container.Name || fmt.Sprint(rule.OnExitCodes.Values) != "[75]" {
		t.Errorf("the rule for interruptions is %+v", rule)
	}
	if container.Image == "" || fmt.Sprint(container.Command) != "[bash -c]" || len(container.Args) != 1 || !strings.Contains(container.Args[0], `experiment.sh "$JOB_COMPLETION_INDEX"`) {
		t.Errorf("the container is %+v", container)
	}
	parses(t, container.Args[0])
}

func TestDatabricks(t *testing.T) {
	var job struct {
		Name        string `json:"name"`
		JobClusters []struct {
			Key     string         `json:"job_cluster_key"`
			Cluster map[string]any `json:"new_cluster"`
		} `json:"job_clusters"`
		Tasks []struct {
			Key  string `json:"task_key"`
			Each struct {
				Inputs      string `json:"inputs"`
				Concurrency int    `json:"concurrency"`
				Task        struct {
					Key     string `json:"task_key"`
					Cluster string `json:"job_cluster_key"`
					Retries int    `json:"max_retries"`
					Timeout int    `json:"timeout_seconds"`
					Python  struct {
						File       string   `json:"python_file"`
						Source     string   `json:"source"`
						Parameters []string `json:"parameters"`
					} `json:"spark_python_task"`
				} `json:"task"`
			} `json:"for_each_task"`
		} `json:"tasks"`
		Most int `json:"max_concurrent_runs"`
	}
	decoder := json.NewDecoder(strings.NewReader(read(t, "databricks.json")))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&job); err != nil {
		t.Fatal(err)
	}
	if job.Name == "" || len(job.Tasks) != 1 || len(job.JobClusters) != 1 {
		t.Fatalf("the job is %+v", job)
	}
	each := job.Tasks[0].Each
	var numbers []int
	if err := json.Unmarshal([]byte(each.Inputs), &numbers); err != nil || len(numbers) != numExperiments || numbers[numExperiments-1] != numExperiments-1 {
		t.Errorf("%v, inputs are %s", err, each.Inputs)
	}
	cluster := job.JobClusters[0]
	if each.Task.Cluster != cluster.Key || cluster.Cluster["spark_version"] == "" || cluster.Cluster["node_type_id"] == "" || each.Concurrency < 1 {
		t.Errorf("the task is %+v on %+v", each, cluster)
	}
	python := each.Task.Python
	if filepath.Base(python.File) != "databricks.py" || len(python.Parameters) != 2 || python.Parameters[1] != "{{input}}" {
		t.Errorf("the program is %+v", python)
	}

	// The program itself, twice: the second time it continues.
	root, volume := checkout(t), t.TempDir()
	if said, err := exec.Command("tar", "-chf", filepath.Join(volume, "checkout.tar"), "-C", root, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for range 2 {
		if said, err := exec.Command("python3", "databricks.py", volume, "3", t.TempDir()).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
	}
	if calls := called(t, filepath.Join(volume, "runs/3/learns-3/called")); len(calls) != 2 {
		t.Errorf("called %v, want twice", calls)
	}
	if err := exec.Command("python3", "databricks.py", volume, "99", t.TempDir()).Run(); err == nil {
		t.Error("experiment 99 ran")
	}
}
