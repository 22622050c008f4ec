package vlm

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// stepwise reads the positions that are new and remembers the others. Where nothing is drawn the whole text
// is written in one go, on the device.
func (g *Generator) stepwise(image *tensors.Tensor, batch int, sampling Sampling) scorer {
	config := g.model.Config.Decoder
	cache := []*tensors.Tensor{tensors.FromShape(shapes.Make(dtypes.Float32, g.textLength, batch, config.VocabSize))}
	cache = append(cache, newCache(config, batch, g.textLength)...)
	read, width := 0, batch*config.VocabSize // how many positions have been read; the first one is the image
	var scores []float32                     // of those
	return func(ids []int32, length int) ([]float32, error) {
		if length >= read {
			end := length + 1
			if sampling.Temperature <= 0 {
				end = g.textLength
			}
			columns := make([]int32, len(ids)) // [text, batch]
			for i := range columns {
				columns[i] = ids[i%batch*g.textLength+i/batch]
			}
			inputs := []any{image, int32(len(sampling.Prompt)), sampling.StopID, int32(read), int32(end), tensors.FromFlatDataAndDimensions(columns, g.textLength, batch)}
			for _, tensor := range cache {
				donated, err := DonateTensorBuffer(tensor, g.backend, 0)
				if err != nil {
					return nil, err
				}
				inputs = append(inputs, donated)
			}
			var err error
			if cache, err = g.decode.Call(inputs...); err != nil {
				return nil, err
			}
			if scores, err = tensors.CopyFlatData[float32](cache[0]); err != nil {
				return nil, err
			}
			read = end
		}
		return scores[length*width : (length+1)*width], nil
	}
}

// newLoopExec decodes positions one after the other, in a loop that runs on the device until the last one
// or until every row has reached its stop. Its inputs are the image, the length of the prompt, the id
// that stops, the first position and the one after the last, the ids [text, batch], the scores
// [text, batch, vocab] and the cache; it returns the latter two.
func newLoopExec(opened compute.Backend, store *model.Store, m Model) (*model.Exec, error) {
	return model.NewExec(opened, store, func(_ *model.Scope, inputs []*Node) []*Node {
		image, cache := inputs[0], inputs[7:]
		variables, err := stepVariables(store, m, image.Shape(), cache)
		if err != nil {
			panic(err) // the call of the graph returns it as an error
		}
		given := slices.Clone(inputs[:3])
		for _, variable := range variables {
			given = append(given, variable.NodeValue(image))
		}
		running := BroadcastToDims(Const(image.Graph(), true), image.Shape().Dim(0))
		state := slices.Concat(inputs[3:5], []*Node{running}, inputs[5:])
		goesOn := func(_, state []*Node) *Node { return LessThan(state[0], state[1]) }
		return loop(given, state, goesOn, func(given, state []*Node) (next []*Node) {
			withValues(variables, given[3:], func() { next = decodeOnce(store.RootScope(), m, given, state) })
			return next
		})[4:]
	})
}

// stepVariables are the variables of a model's DecodeStep.
func stepVariables(store *model.Store, m Model, image shapes.Shape, cache []*Node) ([]*model.Variable, error) {
	inputs := []shapes.Shape{shapes.Make(dtypes.Int32, image.Dim(0)), image, shapes.Make(dtypes.Int32)}
	for _, block := range cache {
		inputs = append(inputs, block.Shape())
	}
	return Initialize(store, func(scope *model.Scope, inputs []*Node) []*Node {
		logits, updated := m.DecodeStep(scope, inputs[0], inputs[1], inputs[2], inputs[3:])
		return append(updated, logits)
	}, inputs...)
}

// decodeOnce is one position: the scores there, and in the rows that still run the most probable character
// behind it, unless the prompt has one.
func decodeOnce(scope *model.Scope, m Model, given, state []*Node) []*Node {
	image, prompt, stop := given[0], given[1], given[2]
	position, end, running, ids, scores, cache := state[0], state[1], state[2], state[3], state[4], state[5:]
	zero, one := Const(ids.Graph(), int32(0)), Const(ids.Graph(), int32(1))

	current := Reshape(row(ids, Max(Sub(position, one), zero)), -1) // [batch]
	logits, cache := m.DecodeStep(scope, current, image, position, cache)
	chosen := LogicalAnd(BroadcastToShape(GreaterOrEqual(position, prompt), running.Shape()), running)
	next := Where(chosen, ArgMax(logits, 1, dtypes.Int32), Reshape(row(ids, position), -1))
	stopped := LogicalAnd(chosen, Equal(next, BroadcastToShape(stop, next.Shape())))
	running = LogicalAnd(running, LogicalNot(stopped))
	end = Where(LogicalAny(running), end, position) // no other position where nothing runs
	ids = put(ids, 0, position, InsertAxes(next, 0))
	scores = put(scores, 0, position, InsertAxes(logits, 0))
	return append([]*Node{Add(position, one), end, running, ids, scores}, cache...)
}

// put is values with a part in the place of values[..., i:i+1, ...] along an axis. XLA writes it in place; the
// pure-Go backend has no operation for it.
func put(values *Node, axis int, i, part *Node) *Node {
	g := values.Graph()
	if !g.Backend().Capabilities().Operations[compute.OpTypeDynamicUpdateSlice] {
		place := Iota(g, shapes.Make(i.DType(), values.Shape().Dimensions...), axis)
		return Where(Equal(place, BroadcastToShape(i, place.Shape())), BroadcastToShape(part, values.Shape()), values)
	}
	start := slices.Repeat([]*Node{Const(g, int32(0))}, values.Rank())
	start[axis] = i
	return DynamicUpdateSlice(values, part, start)
}
