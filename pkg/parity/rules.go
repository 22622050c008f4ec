package parity

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
)

// rule is how a parameter starts: at a constant (std 0), or random around 0.
type rule struct {
	constant, std float64
	limit         float64 // of the absolute value; 0 is none
}

// uniform is PyTorch's default for linear maps and convolutions.
func uniform(fanIn int) rule {
	limit := 1 / math.Sqrt(float64(fanIn))
	return rule{std: limit / math.Sqrt(3), limit: limit}
}

// ruleFor finds the rule of a parameter of a PyTorch module.
func ruleFor(module, name string, shapeOf map[string][]int, kaiming bool) (rule, error) {
	weight := strings.HasSuffix(name, "weight")
	switch module {
	case "ViT":
		if strings.HasSuffix(name, "cls_token") {
			return rule{}, nil
		}
		return rule{std: 1}, nil
	case "LayerNorm":
		if weight {
			return rule{constant: 1}, nil
		}
		return rule{}, nil
	case "Embedding":
		return rule{std: 1}, nil
	case "Linear", "Conv2d":
		shape := shapeOf[strings.TrimSuffix(name, "bias")+"weight"]
		if weight {
			shape = shapeOf[name]
		}
		if len(shape) < 2 || size(shape[1:]) < 1 {
			return rule{}, fmt.Errorf("%s has no weight of a possible shape", name)
		}
		if fanIn := size(shape[1:]); weight && kaiming && module == "Linear" {
			return rule{std: math.Sqrt(2 / float64(fanIn))}, nil
		}
		return uniform(size(shape[1:])), nil
	}
	return rule{}, fmt.Errorf("module %q of %s is unknown", module, name)
}

// error is how far a mean and a standard deviation are from the rule: relative, or absolute where
// the rule is a constant.
func (r rule) error(mean, std float64) float64 {
	if r.std == 0 {
		return max(math.Abs(mean-r.constant), std)
	}
	return math.Abs(std/r.std - 1)
}

// tolerance is that of a standard deviation over n numbers.
func tolerance(n int) float64 { return 4 / math.Sqrt(float64(n)) }

// compareRule compares our numbers with a rule.
func (c *testCase) compareRule(name string, r rule, values []float32) {
	mean := sum(values) / float64(len(values))
	variance, largest := 0.0, 0.0
	for _, value := range values {
		variance += (float64(value) - mean) * (float64(value) - mean) / float64(len(values))
		largest = max(largest, math.Abs(float64(value)))
	}
	most := tolerance(len(values))
	if r.std == 0 {
		most = 0
	}
	off := r.error(mean, math.Sqrt(variance))
	if r.limit > 0 && largest > r.limit*(1+1e-6) {
		off = math.Inf(1)
	}
	c.record(name+" std", off, most)
}

// compareSingle compares single layers, named as in Python: "nn.Linear(16,64)".
func (c *testCase) compareSingle(opened compute.Backend, rows [][]json.RawMessage) error {
	for i, row := range rows {
		var name string
		var parameters map[string][]float64
		if len(row) != 2 || json.Unmarshal(row[0], &name) != nil || json.Unmarshal(row[1], &parameters) != nil {
			return fmt.Errorf("config.json: single_modules row %d: a name and statistics expected", i)
		}
		module, layer, err := singleLayer(name)
		if err != nil {
			return err
		}
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(int64(i)); err != nil {
			return err
		}
		if _, err := model.CallOnce(opened, store, layer.forward); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, parameter := range sortedKeys(parameters) {
			variable := store.GetVariable(model.RootScopePath + layer.paths[parameter])
			if variable == nil {
				return fmt.Errorf("config.json: single_modules: %s has no %s", name, parameter)
			}
			value, err := variable.Value()
			if err != nil {
				return err
			}
			values, err := tensors.CopyFlatData[float32](value)
			if err != nil {
				return err
			}
			rule, err := ruleFor(module, parameter, map[string][]int{"weight": layer.shape}, false)
			if err != nil {
				return err
			}
			c.compareRule(name+" "+parameter, rule, values)
		}
	}
	return nil
}

// single is one layer of ours and where its parameters lie; shape is PyTorch's weight.
type single struct {
	forward func(scope *model.Scope, g *Graph) *Node
	paths   map[string]string
	shape   []int
}

// singleLayer builds the layer that a Python expression names.
func singleLayer(name string) (string, single, error) {
	module, list, _ := strings.Cut(strings.TrimPrefix(name, "nn."), "(")
	bias := !strings.Contains(list, "bias=False")
	var n []int
	for _, argument := range strings.Split(strings.TrimSuffix(list, ")"), ",") {
		var value int
		if _, err := fmt.Sscan(argument, &value); err == nil && value > 0 && value <= 1<<16 {
			n = append(n, value)
		}
	}
	wanted := map[string]int{"Linear": 2, "Embedding": 2, "Conv2d": 4, "LayerNorm": 1}[module]
	if wanted == 0 || len(n) != wanted || module == "Conv2d" && (n[0] != 3 || n[2] != n[3]) {
		return "", single{}, fmt.Errorf("config.json: single_modules: %s is unknown", name)
	}
	zeros := func(g *Graph, dims ...int) *Node { return Zeros(g, shapes.Make(dtypes.Float32, dims...)) }
	switch module {
	case "Linear":
		return module, single{func(scope *model.Scope, g *Graph) *Node {
			return vlm.Linear(scope, zeros(g, 1, n[0]), n[1], bias)
		}, map[string]string{"weight": "dense/weights", "bias": "dense/biases"}, []int{n[1], n[0]}}, nil
	case "Embedding":
		return module, single{func(scope *model.Scope, g *Graph) *Node {
			config := vlm.DecoderConfig{VocabSize: n[0], EmbedDim: n[1], ContextLength: 1} // no block: only embeddings
			return vlm.DecoderLanguageModel(scope, Zeros(g, shapes.Make(dtypes.Int32, 1, 1)), nil, config, nil)
		}, map[string]string{"weight": "token_embedding/embeddings"}, slices.Clone(n)}, nil
	case "Conv2d":
		return module, single{func(scope *model.Scope, g *Graph) *Node {
			return vlm.PatchEmbedding(scope, zeros(g, 1, n[2], n[3], 3), n[2], n[1])
		}, map[string]string{"weight": "conv/weights", "bias": "conv/biases"}, []int{n[1], n[0], n[2], n[3]}}, nil
	default: // LayerNorm
		return module, single{func(scope *model.Scope, g *Graph) *Node {
			return vlm.LayerNorm(scope, zeros(g, 1, n[0]))
		}, map[string]string{"weight": "layer_normalization/gain", "bias": "layer_normalization/offset"}, []int{n[0]}}, nil
	}
}
