package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/support/exceptions"

	"seemore/pkg/weights"
)

// testCase is a case folder that has been read.
type testCase struct {
	folder  string
	config  caseConfig
	weights map[string]weights.Tensor // PyTorch's parameters
	tensors map[string]weights.Tensor // in.*, out.*, grad.*, final.*
	results []result
}

// caseConfig is the part of config.json that all kinds share.
type caseConfig struct {
	Name       string
	Kind       string
	SourceFile string `json:"source_file"`
	Class      string
	Ctor       ctor
	Calls      []call
	Mode       string
	Tolerance  map[string]json.RawMessage `json:"tolerance_abs"`
	Trimmed    map[string]struct {
		FullShape  []int `json:"full_shape"`
		StoredRows int   `json:"stored_rows"`
	}
	WeightsFrom    string   `json:"weights_from"`
	WeightsFormula *formula `json:"weights_formula"`
	ImagesFormula  *formula `json:"images_formula"`
	ParamsFile     string   `json:"params_file"`
	Steps          int      // of training
	Optimizer      struct{ Lr float64 }
	NewTokens      int `json:"max_new_tokens"`
}

// call is one forward pass: which tensors go in and which come out.
type call struct {
	Method string
	Args   map[string]*string
	Out    []string
	Noise  json.RawMessage
	Grads  *struct {
		Prefix string
		Only   []string
		Norms  string
	}
}

// runFolder reads a case and runs it by its kind.
func runFolder(opened compute.Backend, folder string) ([]result, error) {
	c, err := readCase(folder)
	if err != nil {
		return nil, err
	}
	run := map[string]func(compute.Backend) error{
		"module": c.runModel, "model": c.runModel, "train": c.runTrain, "generate": c.runGenerate,
	}[c.config.Kind]
	if run == nil {
		return nil, fmt.Errorf("kind %q of config.json is unknown", c.config.Kind)
	}
	// A damaged case can ask for shapes that do not fit; graph building panics with the reason.
	caught := exceptions.TryCatch[error](func() { err = run(opened) })
	if caught != nil {
		err = caught
	}
	if err == nil && len(c.results) == 0 {
		err = fmt.Errorf("the case compares nothing")
	}
	return c.results, err
}

// readCase reads config.json and whatever tensors the folder has.
func readCase(folder string) (*testCase, error) {
	c := &testCase{folder: folder}
	if err := readJSON(filepath.Join(folder, "config.json"), &c.config); err != nil {
		return nil, err
	}
	var err error
	weightsFolder := folder
	if c.config.WeightsFrom != "" {
		weightsFolder = filepath.Join(folder, "..", filepath.Base(c.config.WeightsFrom))
	}
	if c.weights, err = readIfThere(filepath.Join(weightsFolder, "weights.safetensors")); err != nil {
		return nil, err
	}
	if c.tensors, err = readIfThere(filepath.Join(folder, "io.safetensors")); err != nil {
		return nil, err
	}
	return c, nil
}

func readIfThere(path string) (map[string]weights.Tensor, error) {
	if _, err := os.Stat(path); err != nil {
		return map[string]weights.Tensor{}, nil
	}
	return weights.ReadFile(path)
}

func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// tensor is a tensor of the case, which must be there.
func (c *testCase) tensor(name string) (weights.Tensor, error) {
	tensor, found := c.tensors[name]
	if !found {
		return tensor, fmt.Errorf("io.safetensors has no %s", name)
	}
	return tensor, nil
}

// tolerance is the case's number for a tensor.
func (c *testCase) tolerance(name string) (float64, error) {
	var tolerance float64
	raw, found := c.config.Tolerance[name]
	if !found {
		return 0, fmt.Errorf("config.json has no tolerance for %s", name)
	}
	err := json.Unmarshal(raw, &tolerance)
	return tolerance, err
}

// compare records the largest absolute error of a tensor; integers must be equal.
func (c *testCase) compare(name string, got []float32, shape []int) error {
	want, err := c.tensor(name)
	if err != nil {
		return err
	}
	if !slices.Equal(shape, want.Shape) {
		return fmt.Errorf("%s has shape %v: expected %v", name, shape, want.Shape)
	}
	tolerance := 0.0
	values, float := want.Data.([]float32)
	if float {
		if tolerance, err = c.tolerance(name); err != nil {
			return err
		}
	} else {
		for _, id := range want.Ints() {
			values = append(values, float32(id))
		}
	}
	c.record(name, largestError(got, values), tolerance)
	return nil
}

func (c *testCase) record(name string, largest, tolerance float64) {
	c.results = append(c.results, result{c.config.Name + " " + name, largest, tolerance})
}

// largestError is NaN if anything is not a number.
func largestError(got, want []float32) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	largest := 0.0
	for i := range want {
		difference := math.Abs(float64(got[i]) - float64(want[i]))
		if math.IsNaN(difference) {
			return difference
		}
		largest = max(largest, difference)
	}
	return largest
}
