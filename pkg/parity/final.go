package parity

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/weights"
)

// compareFinal compares the weights after the last step, where the case has them.
func (c *testCase) compareFinal(store *model.Store, pieces []weights.Piece) error {
	if len(c.withPrefix("final.")) == 0 {
		return nil
	}
	var tolerance struct {
		Max  float64 `json:"max_abs"`
		Mean float64 `json:"mean_abs"`
	}
	if err := c.toleranceOf("final.*", &tolerance); err != nil {
		return err
	}
	trained, err := weights.Take(store.RootScope(), pieces)
	if err != nil {
		return err
	}
	var all, expected []float32
	for _, piece := range pieces {
		name := "final." + piece.Name
		reference, err := c.finalReference(name, piece)
		if err != nil {
			return err
		}
		got := trained[piece.Name].Floats()
		c.compared[name] = true
		c.record(name, largestError(got, reference), tolerance.Max)
		all, expected = append(all, got...), append(expected, reference...)
	}
	c.record("final.* (mean)", meanError(all, expected), tolerance.Mean)
	return nil
}

// finalReference is what a parameter must be after training. Rows that were not stored did not
// change.
func (c *testCase) finalReference(name string, piece weights.Piece) ([]float32, error) {
	want, err := c.tensor(name)
	if err != nil {
		return nil, err
	}
	rows, kept, err := c.stored(name, piece)
	if err != nil {
		return nil, err
	}
	shape := slices.Clone(piece.Shape)
	shape[0] = rows
	values, float := want.Data.([]float32)
	if !float || !slices.Equal(want.Shape, shape) {
		return nil, fmt.Errorf("io.safetensors: %s is %s %v: F32 %v expected", name, want.DType(), want.Shape, shape)
	}
	return slices.Concat(values, c.weights[piece.Name].Floats()[kept:]), nil
}
