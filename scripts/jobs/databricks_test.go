package jobs

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

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
