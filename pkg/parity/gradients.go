package parity

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"seemore/pkg/weights"
)

// gradientPieces are the parameters whose gradients a call compares.
func gradientPieces(class class, call call) []weights.Piece {
	if call.Grads == nil {
		return nil
	}
	if call.Grads.Norms != "" || len(call.Grads.Only) == 0 {
		return class.pieces
	}
	return slices.DeleteFunc(slices.Clone(class.pieces), func(piece weights.Piece) bool {
		return !slices.ContainsFunc(call.Grads.Only, func(part string) bool { return strings.Contains(piece.Name, part) })
	})
}

// paths lists the variables of the pieces, each once, in order.
func paths(pieces []weights.Piece) []string {
	var list []string
	for _, piece := range pieces {
		if !slices.Contains(list, piece.Path) {
			list = append(list, piece.Path)
		}
	}
	return list
}

// compareGradients compares gradients number by number, or by their norms.
func (c *testCase) compareGradients(call call, pieces []weights.Piece, gradients []*tensors.Tensor) error {
	flat := map[string][]float32{}
	for i, path := range paths(pieces) {
		values, err := tensors.CopyFlatData[float32](gradients[i])
		if err != nil {
			return err
		}
		flat[path] = values
	}
	if call.Grads.Norms != "" {
		return c.compareNorms(call.Grads.Norms, pieces, flat)
	}
	for _, piece := range pieces {
		name := call.Grads.Prefix + piece.Name
		values := piece.Load(flat[piece.Path])
		rows, kept, err := c.stored(name, piece)
		if err != nil {
			return err
		}
		if kept < len(values) {
			// The rows that are not stored belong to positions that the text did not reach.
			c.record(name+" (rest)", largestError(values[kept:], make([]float32, len(values)-kept)), 0)
		}
		shape := slices.Clone(piece.Shape)
		shape[0] = rows
		if err := c.compare(name, values[:kept], shape); err != nil {
			return err
		}
	}
	return nil
}

// stored tells how many rows and numbers of a parameter's tensor the case has: all but where it was
// trimmed.
func (c *testCase) stored(name string, piece weights.Piece) (rows, numbers int, err error) {
	rows = piece.Shape[0]
	if trimmed, found := c.config.Trimmed[name]; found {
		if trimmed.StoredRows < 0 || trimmed.StoredRows > rows {
			return 0, 0, fmt.Errorf("config.json: %s has %d stored_rows of %d", name, trimmed.StoredRows, rows)
		}
		rows = trimmed.StoredRows
	}
	return rows, size(piece.Shape) / piece.Shape[0] * rows, nil
}

// compareNorms compares the norm of every parameter's gradient, in the order of params.json.
func (c *testCase) compareNorms(name string, pieces []weights.Piece, flat map[string][]float32) error {
	var tolerance normTolerance
	if err := c.toleranceOf(name, &tolerance); err != nil {
		return err
	}
	want, err := c.tensor(name)
	if err != nil {
		return err
	}
	references, float := want.Data.([]float32)
	order, err := c.parameters()
	if err != nil {
		return err
	}
	if !float || len(order) != len(references) {
		return fmt.Errorf("io.safetensors: %s is %s %v: F32 [%d] expected", name, want.DType(), want.Shape, len(order))
	}
	byName := map[string]weights.Piece{}
	for _, piece := range pieces {
		byName[piece.Name] = piece
	}
	worst := 0.0
	for i, parameter := range order {
		piece, found := byName[parameter.name]
		if !found {
			return fmt.Errorf("%s of params.json is not part of the model", parameter.name)
		}
		worst = max(worst, tolerance.relative(norm(piece.Load(flat[piece.Path])), float64(references[i])))
	}
	c.compared[name] = true
	c.record(name+" (relative)", worst, tolerance.Rel)
	return nil
}

// normTolerance is relative, for norms that are not tiny.
type normTolerance struct {
	Rel   float64
	Above float64 `json:"where_norm_above"`
}

// relative is the relative error of a norm. Where the reference is below what is compared, ours has
// to be of that order too.
func (t normTolerance) relative(norm, reference float64) float64 {
	switch {
	case reference > t.Above:
		return math.Abs(norm-reference) / reference
	case norm <= 10*t.Above:
		return 0
	}
	return math.Inf(1)
}

func norm(values []float32) float64 {
	sum := 0.0
	for _, value := range values {
		sum += float64(value) * float64(value)
	}
	return math.Sqrt(sum)
}
