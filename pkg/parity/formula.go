package parity

import (
	"encoding/json"
	"fmt"
	"math"

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

// formulas is the part of config.json that says how weights and images are filled.
type formulas struct {
	Weights     *formula `json:"weights_formula"`
	Images      *formula `json:"images_formula"`
	ImagesCheck *struct {
		First []float64 `json:"first4"`
		Sum   float64
	} `json:"images_check"`
	ParamsFile string `json:"params_file"`
}

// maxFilled bounds what a formula fills: several times the larger original.
const maxFilled = 1 << 27

// parameters reads params.json.
func (c *testCase) parameters() ([]parameter, error) {
	var config formulas
	if err := c.decode(&config); err != nil {
		return nil, err
	}
	if config.ParamsFile == "" {
		return nil, fmt.Errorf("config.json has no params_file")
	}
	var rows [][]json.RawMessage
	if err := c.readJSON(config.ParamsFile, &rows); err != nil {
		return nil, err
	}
	list, total := make([]parameter, len(rows)), 0
	for i, row := range rows {
		p := &list[i]
		columns := []any{&p.name, &p.shape, &p.layerNorm, &p.amp, &p.sum}
		if len(row) != len(columns) {
			return nil, fmt.Errorf("%s row %d has %d columns: %d expected", config.ParamsFile, i, len(row), len(columns))
		}
		for column, into := range columns {
			if err := json.Unmarshal(row[column], into); err != nil {
				return nil, fmt.Errorf("%s row %d column %d: %w", config.ParamsFile, i, column, err)
			}
		}
		n, err := boundedSize(p.shape)
		if total += n; err != nil || total > maxFilled {
			return nil, fmt.Errorf("%s row %d: shape %v is impossible or too large", config.ParamsFile, i, p.shape)
		}
	}
	return list, nil
}

// fillByFormula makes weights and images of a case that has formulas for them.
func (c *testCase) fillByFormula() error {
	var config formulas
	if err := c.decode(&config); err != nil {
		return err
	}
	if config.Weights != nil {
		if err := c.fillWeights(*config.Weights); err != nil {
			return err
		}
	}
	f := config.Images
	if f == nil {
		return nil
	}
	n, err := boundedSize(f.Shape)
	if err != nil {
		return fmt.Errorf("config.json: images_formula: %w", err)
	}
	values, err := f.values(f.I, n, f.Amp, 0)
	if err != nil {
		return err
	}
	if check := config.ImagesCheck; check != nil {
		wrong := !close(sum(values), check.Sum) || len(check.First) > len(values)
		for i := 0; !wrong && i < len(check.First); i++ {
			wrong = !close(float64(values[i]), check.First[i])
		}
		if wrong {
			return fmt.Errorf("config.json: the images filled by formula do not agree with images_check")
		}
	}
	c.tensors["in.images"] = weights.Tensor{Shape: f.Shape, Data: values}
	return nil
}

// fillWeights fills every parameter of params.json.
func (c *testCase) fillWeights(f formula) error {
	list, err := c.parameters()
	if err != nil {
		return err
	}
	for i, p := range list {
		values, err := f.values(uint64(i), size(p.shape), p.amp, p.layerNorm)
		if err != nil {
			return err
		}
		// params.json has the sum, to test the filling itself.
		if got := sum(values); !close(got, p.sum) {
			return fmt.Errorf("%s sums to %v when filled by formula: params.json says %v", p.name, got, p.sum)
		}
		c.weights[p.name] = weights.Tensor{Shape: p.shape, Data: values}
	}
	return nil
}

func sum(values []float32) float64 {
	total := 0.0
	for _, value := range values {
		total += float64(value)
	}
	return total
}

// close compares sums that were printed with nine digits.
func close(got, want float64) bool { return math.Abs(got-want) <= 1e-4*max(1, math.Abs(want)) }

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
			return nil, fmt.Errorf("config.json: formula kind %q is unknown: sin or hash", f.Kind)
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

// boundedSize is size for a shape that comes from a file.
func boundedSize(shape []int) (int, error) {
	n := 1
	for _, dim := range shape {
		if dim < 0 || dim > 0 && n > maxFilled/dim {
			return 0, fmt.Errorf("shape %v is impossible or too large", shape)
		}
		n *= dim
	}
	return n, nil
}
