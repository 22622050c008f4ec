package jobs

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

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
