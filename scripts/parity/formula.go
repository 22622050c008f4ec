package main

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"

	"seemore/pkg/weights"
)

// formula fills tensors with numbers that any language can compute exactly.
type formula struct {
	Kind        string // "sin" or "hash"
	Amp, Wj, Wi float64
	Phase       float64
	Seed        uint64
	I           uint64
	Shape       []int
}

// parameter is a row of params.json.
type parameter struct {
	name      string
	shape     []int
	layerNorm float64
	amp, sum  float64
}

// parameters reads params.json.
func (c *testCase) parameters() ([]parameter, error) {
	var rows [][5]json.RawMessage
	path := filepath.Join(c.folder, filepath.Base(c.config.ParamsFile))
	if err := readJSON(path, &rows); err != nil {
		return nil, err
	}
	list := make([]parameter, len(rows))
	for i, row := range rows {
		p := &list[i]
		for column, into := range []any{&p.name, &p.shape, &p.layerNorm, &p.amp, &p.sum} {
			if err := json.Unmarshal(row[column], into); err != nil {
				return nil, fmt.Errorf("%s row %d: %w", path, i, err)
			}
		}
	}
	return list, nil
}

// fillByFormula makes weights and images of a case that has formulas for them.
func (c *testCase) fillByFormula() error {
	if f := c.config.WeightsFormula; f != nil {
		list, err := c.parameters()
		if err != nil {
			return err
		}
		for i, p := range list {
			values, err := f.values(uint64(i), size(p.shape), p.amp, p.layerNorm)
			if err != nil {
				return err
			}
			sum := 0.0
			for _, value := range values {
				sum += float64(value)
			}
			// params.json has the sum, to test the filling itself.
			if math.Abs(sum-p.sum) > 1e-4*max(1, math.Abs(p.sum)) {
				return fmt.Errorf("%s sums to %v when filled by formula: params.json says %v", p.name, sum, p.sum)
			}
			c.weights[p.name] = weights.Tensor{Shape: p.shape, Data: values}
		}
	}
	if f := c.config.ImagesFormula; f != nil {
		values, err := f.values(f.I, size(f.Shape), f.Amp, 0)
		if err != nil {
			return err
		}
		c.tensors["in.images"] = weights.Tensor{Shape: f.Shape, Data: values}
	}
	return nil
}

// values computes n numbers for tensor number i, in float64 and then rounded.
func (f formula) values(i uint64, n int, amp, offset float64) ([]float32, error) {
	values := make([]float32, n)
	for j := range values {
		switch f.Kind {
		case "sin":
			values[j] = float32(amp*math.Sin(f.Wj*float64(j)+f.Wi*float64(i)+f.Phase) + offset)
		case "hash":
			values[j] = float32(amp*(2*splitMix(i<<32+uint64(j)+f.Seed)-1) + offset)
		default:
			return nil, fmt.Errorf("formula kind %q is unknown", f.Kind)
		}
	}
	return values, nil
}

// splitMix is SplitMix64 (Steele, Lea and Flood 2014) of x, as a number in [0, 1).
func splitMix(x uint64) float64 {
	z := x * 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	z ^= z >> 31
	return float64(z>>11) * 0x1p-53
}

func size(shape []int) int {
	n := 1
	for _, dim := range shape {
		n *= dim
	}
	return n
}
