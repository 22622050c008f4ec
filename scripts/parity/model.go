package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// runModel runs the calls of a module or of a whole model, with gradients where the case has them.
func (c *testCase) runModel(opened compute.Backend) error {
	if err := c.fillByFormula(); err != nil {
		return err
	}
	class, err := newClass(c.config)
	if err != nil {
		return err
	}
	for i, call := range c.config.Calls {
		if err := c.runCall(opened, class, call); err != nil {
			return fmt.Errorf("call %d: %w", i, err)
		}
	}
	return nil
}

// runCall is one forward pass and its comparisons.
func (c *testCase) runCall(opened compute.Backend, class class, call call) error {
	store := model.NewStore()
	if err := weights.Fill(store.RootScope(), class.pieces, c.weights); err != nil {
		return err
	}
	names, inputs, err := c.inputs(call, class)
	if err != nil {
		return err
	}
	wanted := c.gradientPieces(class, call)
	outputs, err := model.CallOnceN(opened, store, func(scope *model.Scope, nodes []*Node) []*Node {
		in := map[string]*Node{}
		for i, name := range names {
			in[name] = nodes[i]
		}
		for i, router := range class.routers {
			if noise := in[noiseName(i)]; noise != nil {
				vlm.SetRouterNoise(scope.Store().Scope(model.JoinPath(model.RootScopePath, router)), noise)
				delete(in, noiseName(i))
			}
		}
		results := class.forward(scope, in)
		var variables []*Node
		for _, path := range paths(wanted) {
			variables = append(variables, scope.Store().GetVariable(model.RootScopePath+path).NodeValue(scopeGraph(nodes)))
		}
		if len(variables) > 0 {
			results = append(results, Gradient(results[len(results)-1], variables...)...)
		}
		return results
	}, inputs...)
	if err != nil {
		return err
	}
	for i, name := range call.Out {
		if _, stored := c.tensors[name]; !stored {
			continue // computed by the originals as well, but the same as another one
		}
		got, shape, err := floats(outputs[i])
		if err != nil {
			return err
		}
		if name == "out.indices" {
			got = sortedRows(got, shape[len(shape)-1], c.tensors[name].Ints())
		}
		if err := c.compare(name, got, shape); err != nil {
			return err
		}
	}
	if call.Grads == nil {
		return nil
	}
	return c.compareGradients(call, wanted, outputs[len(outputs)-len(paths(wanted)):])
}

func scopeGraph(nodes []*Node) *Graph { return nodes[0].Graph() }

func noiseName(router int) string { return fmt.Sprintf("noise %d", router) }

// inputs are the tensors of a call, named by Python's arguments, and the routers' noise.
func (c *testCase) inputs(call call, class class) (names []string, inputs []any, err error) {
	add := func(name, tensorName string) error {
		tensor, err := c.tensor(tensorName)
		if err != nil {
			return err
		}
		names, inputs = append(names, name), append(inputs, toGoMLX(tensor))
		return nil
	}
	arguments := make([]string, 0, len(call.Args))
	for argument, tensorName := range call.Args {
		if tensorName != nil {
			arguments = append(arguments, argument)
		}
	}
	sort.Strings(arguments)
	for _, argument := range arguments {
		if err := add(argument, *call.Args[argument]); err != nil {
			return nil, nil, err
		}
	}
	var given []string
	if json.Unmarshal(call.Noise, &given) == nil {
		if len(given) != len(class.routers) {
			return nil, nil, fmt.Errorf("noise for %d routers: the model has %d", len(given), len(class.routers))
		}
		for i, tensorName := range given {
			if err := add(noiseName(i), tensorName); err != nil {
				return nil, nil, err
			}
		}
	}
	return names, inputs, nil
}

func toGoMLX(tensor weights.Tensor) *tensors.Tensor {
	if ids, ok := tensor.Data.([]int64); ok {
		small := make([]int32, len(ids))
		for i, id := range ids {
			small[i] = int32(id)
		}
		return tensors.FromFlatDataAndDimensions(small, tensor.Shape...)
	}
	return tensors.FromFlatDataAndDimensions(tensor.Floats(), tensor.Shape...)
}

// floats copies a tensor's numbers, integers as floats.
func floats(tensor *tensors.Tensor) ([]float32, []int, error) {
	shape := tensor.Shape().Dimensions
	if shape == nil {
		shape = []int{}
	}
	if tensor.DType().IsInt() {
		ids, err := tensors.CopyFlatData[int32](tensor)
		values := make([]float32, len(ids))
		for i, id := range ids {
			values[i] = float32(id)
		}
		return values, shape, err
	}
	values, err := tensors.CopyFlatData[float32](tensor)
	return values, shape, err
}

// sortedRows brings each row of indices into the reference's order where the sets agree: PyTorch's
// order follows the logits, ours the gates.
func sortedRows(got []float32, width int, want []int64) []float32 {
	for start := 0; start+width <= len(got) && start+width <= len(want); start += width {
		mine, theirs := slices.Clone(got[start:start+width]), want[start:start+width]
		ordered := slices.Clone(theirs)
		slices.Sort(mine)
		slices.Sort(ordered)
		same := true
		for i := range mine {
			same = same && mine[i] == float32(ordered[i])
		}
		if same {
			for i, id := range theirs {
				got[start+i] = float32(id)
			}
		}
	}
	return got
}

// gradientPieces are the parameters whose gradients a call compares.
func (c *testCase) gradientPieces(class class, call call) []weights.Piece {
	if call.Grads == nil {
		return nil
	}
	if call.Grads.Norms != "" {
		return class.pieces
	}
	return slices.DeleteFunc(slices.Clone(class.pieces), func(p weights.Piece) bool { return !isRouter(p.Name, call.Grads.Only) })
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
		values, _, err := floats(gradients[i])
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
		shape, values := piece.Shape, piece.Load(flat[piece.Path])
		if trimmed, found := c.config.Trimmed[name]; found {
			shape = append([]int{trimmed.StoredRows}, shape[1:]...)
			kept := trimmed.StoredRows * len(values) / piece.Shape[0]
			c.record(name+" (rest)", largestError(values[kept:], make([]float32, len(values)-kept)), 0)
			values = values[:kept]
		}
		if err := c.compare(name, values, shape); err != nil {
			return err
		}
	}
	return nil
}

// compareNorms compares the norm of every parameter's gradient, in the order of params.json.
func (c *testCase) compareNorms(name string, pieces []weights.Piece, flat map[string][]float32) error {
	want, err := c.tensor(name)
	if err != nil {
		return err
	}
	var tolerance struct {
		Rel   float64
		Above float64 `json:"where_norm_above"`
	}
	if err := json.Unmarshal(c.config.Tolerance[name], &tolerance); err != nil {
		return fmt.Errorf("tolerance of %s: %w", name, err)
	}
	byName := map[string]weights.Piece{}
	for _, piece := range pieces {
		byName[piece.Name] = piece
	}
	order, err := c.parameters()
	if err != nil {
		return err
	}
	if len(order) != len(want.Floats()) {
		return fmt.Errorf("%s has %d norms: params.json has %d parameters", name, len(want.Floats()), len(order))
	}
	worst := 0.0
	for i, parameter := range order {
		piece := byName[parameter.name]
		sum := 0.0
		for _, value := range piece.Load(flat[piece.Path]) {
			sum += float64(value) * float64(value)
		}
		norm, reference := math.Sqrt(sum), float64(want.Floats()[i])
		relative := math.Abs(norm-reference) / reference
		if reference <= tolerance.Above {
			if relative = 0; norm > 10*tolerance.Above {
				relative = math.Inf(1)
			}
		}
		worst = max(worst, relative)
	}
	c.record(name+" (relative)", worst, tolerance.Rel)
	return nil
}
