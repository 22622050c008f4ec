package parity

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Result is the comparison of one tensor.
type Result struct {
	Name      string  // case and tensor, "A01_patch_embeddings out.y"
	Error     float64 // largest absolute difference; where the case says so, relative
	Tolerance float64
}

// OK tells whether the tensor is within its tolerance; an error that is not a number is not.
func (r Result) OK() bool { return r.Error <= r.Tolerance }

// Verdict is "ok" or "FAIL".
func (r Result) Verdict() string {
	if r.OK() {
		return "ok"
	}
	return "FAIL"
}

// String is a line of a table.
func (r Result) String() string {
	return fmt.Sprintf("%-80s error %-9.2g tolerance %-9.2g %s", r.Name, r.Error, r.Tolerance, r.Verdict())
}

func (c *testCase) record(name string, largest, tolerance float64) {
	c.results = append(c.results, Result{c.config.Name + " " + name, largest, tolerance})
}

// tolerance is the case's number for a tensor, never widened.
func (c *testCase) tolerance(name string) (float64, error) {
	var tolerance float64
	return tolerance, c.toleranceOf(name, &tolerance)
}

// toleranceOf reads a tolerance that is more than a number.
func (c *testCase) toleranceOf(name string, into any) error {
	raw, found := c.config.Tolerance[name]
	if !found {
		return fmt.Errorf("config.json has no tolerance for %s", name)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("config.json: tolerance of %s: %w", name, err)
	}
	return nil
}

// compare records the largest absolute error of a tensor.
func (c *testCase) compare(name string, got []float32, shape []int) error {
	want, err := c.tensor(name)
	if err != nil {
		return err
	}
	values, float := want.Data.([]float32)
	if !float {
		return fmt.Errorf("io.safetensors: %s is %s: expected F32", name, want.DType())
	}
	if !slices.Equal(shape, want.Shape) {
		return fmt.Errorf("%s has shape %v here: io.safetensors has %v", name, shape, want.Shape)
	}
	tolerance, err := c.tolerance(name)
	if err != nil {
		return err
	}
	c.compared[name] = true
	c.record(name, largestError(got, values), tolerance)
	return nil
}

// compareIDs records the largest difference of integers, which must be equal.
func (c *testCase) compareIDs(name string, got []int32, shape []int) error {
	want, err := c.tensor(name)
	if err != nil {
		return err
	}
	values, integer := want.Data.([]int64)
	if !integer {
		return fmt.Errorf("io.safetensors: %s is %s: expected I64", name, want.DType())
	}
	if !slices.Equal(shape, want.Shape) {
		return fmt.Errorf("%s has shape %v here: io.safetensors has %v", name, shape, want.Shape)
	}
	c.compared[name] = true
	largest := 0.0
	for i, id := range values {
		largest = max(largest, math.Abs(float64(id)-float64(got[i])))
	}
	c.record(name, largest, 0)
	return nil
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

// meanError is the mean absolute difference of two lists of the same length.
func meanError(got, want []float32) float64 {
	sum := 0.0
	for i := range want {
		sum += math.Abs(float64(got[i]) - float64(want[i]))
	}
	return sum / float64(max(1, len(want)))
}

// disagreements is the error of statements that must be true: how many are not.
func disagreements(statements ...bool) float64 {
	wrong := 0.0
	for _, statement := range statements {
		if !statement {
			wrong++
		}
	}
	return wrong
}
