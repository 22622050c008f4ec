package parity

import (
	"encoding/json"
	"fmt"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

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

// runModel runs the calls of a module or of a whole model, with gradients where the case has them.
func (c *testCase) runModel(opened compute.Backend) error {
	var config struct{ Calls []call }
	if err := c.decode(&config); err != nil {
		return err
	}
	class, err := newClass(c.config)
	if err != nil {
		return err
	}
	if c.config.Mode != "eval" {
		return fmt.Errorf("config.json: mode is %q: eval expected", c.config.Mode)
	}
	if err := c.fillByFormula(); err != nil {
		return err
	}
	for i, call := range config.Calls {
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
	wanted := gradientPieces(class, call)
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
			variables = append(variables, scope.Store().GetVariable(model.RootScopePath+path).NodeValue(nodes[0]))
		}
		if len(variables) > 0 {
			results = append(results, Gradient(results[len(results)-1], variables...)...)
		}
		return results
	}, inputs...)
	if err != nil {
		return err
	}
	gradients := len(outputs) - len(paths(wanted))
	if gradients != len(call.Out) {
		return fmt.Errorf("the call gives %d results: out names %d", gradients, len(call.Out))
	}
	if err := c.compareOutputs(call.Out, outputs); err != nil {
		return err
	}
	if call.Grads == nil {
		return nil
	}
	return c.compareGradients(call, wanted, outputs[gradients:])
}

// compareOutputs compares the results of a call.
func (c *testCase) compareOutputs(names []string, outputs []*tensors.Tensor) error {
	for i, name := range names {
		if _, stored := c.tensors[name]; !stored {
			// The originals computed it, but it is the same as another one; config.json lists what is
			// stored, and a listed one that is missing was found before.
			continue
		}
		shape := append([]int{}, outputs[i].Shape().Dimensions...)
		if outputs[i].DType().IsInt() {
			ids, err := tensors.CopyFlatData[int32](outputs[i])
			if err != nil {
				return err
			}
			if err := c.compareIDs(name, ids, shape); err != nil {
				return err
			}
			continue
		}
		values, err := tensors.CopyFlatData[float32](outputs[i])
		if err != nil {
			return err
		}
		if err := c.compare(name, values, shape); err != nil {
			return err
		}
	}
	return nil
}

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
	for _, argument := range sortedKeys(call.Args) {
		if call.Args[argument] == nil {
			continue // Python's None
		}
		if err := add(argument, *call.Args[argument]); err != nil {
			return nil, nil, err
		}
	}
	given, err := call.givenNoise(len(class.routers))
	for i, tensorName := range given {
		if err := add(noiseName(i), tensorName); err != nil {
			return nil, nil, err
		}
	}
	return names, inputs, err
}

// givenNoise names the tensors that the routers get as noise; none is no noise.
func (call call) givenNoise(routers int) ([]string, error) {
	var word string
	var given []string
	switch {
	case len(call.Noise) == 0, json.Unmarshal(call.Noise, &word) == nil && (word == "zero" || word == ""):
		return nil, nil
	case json.Unmarshal(call.Noise, &given) != nil:
		return nil, fmt.Errorf(`noise is %s: "zero" or a list of tensors expected`, call.Noise)
	case len(given) != routers:
		return nil, fmt.Errorf("noise for %d routers: the model has %d", len(given), routers)
	}
	return given, nil
}

// toGoMLX makes a tensor for a graph; ids become int32.
func toGoMLX(tensor weights.Tensor) *tensors.Tensor {
	if ids, ok := tensor.Data.([]int64); ok {
		return tensors.FromFlatDataAndDimensions(toInt32(ids), tensor.Shape...)
	}
	return tensors.FromFlatDataAndDimensions(tensor.Floats(), tensor.Shape...)
}

func toInt32(ids []int64) []int32 {
	small := make([]int32, len(ids))
	for i, id := range ids {
		small[i] = int32(id)
	}
	return small
}
