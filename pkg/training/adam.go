package training

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/compute/support/xslices"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"seemore/pkg/vlm"
)

// Adam is the optimizer of Kingma and Ba (2015) with PyTorch's arithmetic and defaults: decay rates
// 0.9 and 0.999, epsilon 1e-8 outside the root, bias correction, no weight decay.
//
// It differs from GoMLX's in one rule that PyTorch has: an expert that no token reached in a step has
// no gradient, so its weights, moments and step count stand still (see [vlm.Reached]).
//
// With WeightDecay it is AdamW (Loshchilov and Hutter, 2019): matrices, and what has more axes, also
// shrink by learning rate times WeightDecay in every step. With CosineSteps the learning rate rises over
// the first twentieth of them and then falls to 0 along half a cosine.
type Adam struct {
	LearningRate float64
	WeightDecay  float64
	CosineSteps  int
}

const (
	adamScope   = "adam"
	adamBeta1   = 0.9
	adamBeta2   = 0.999
	adamEpsilon = 1e-8
)

// UpdateGraph adds one update of every trainable variable below scope to the graph. It implements
// optimizer.Interface.
func (a Adam) UpdateGraph(scope *model.Scope, g *Graph, loss *Node) {
	rate := a.rate(optimizer.IncrementGlobalStep(g, dtypes.Float32))
	gradients := scope.BuildTrainableVariablesGradientsGraph(loss)
	var trained []*model.Variable
	for variable := range scope.IterVariables() {
		if variable.Trainable && variable.InUseByGraph(g) {
			trained = append(trained, variable)
		}
	}
	everyone := tick(adamState(scope.Store(), ""), g, nil)
	byRows := map[*Node]*clock{}
	for i, variable := range trained {
		time := everyone
		if reached, group := vlm.Reached(g, variable.Scope()); reached != nil {
			if byRows[reached] == nil {
				byRows[reached] = tick(adamState(scope.Store(), group), g, reached)
			}
			time = byRows[reached].forRank(variable.Shape().Rank())
		}
		a.update(adamState(scope.Store(), variable.Path()), variable, gradients[i], rate, time)
	}
}

// rate is the learning rate of a step, counted from 1.
func (a Adam) rate(step *Node) *Node {
	if a.CosineSteps == 0 {
		return ConstAs(step, a.LearningRate)
	}
	step = AddScalar(step, -1)
	rise := MinScalar(DivScalar(OnePlus(step), math.Ceil(float64(a.CosineSteps)/20)), 1)
	fall := DivScalar(OnePlus(Cos(MulScalar(MinScalar(step, float64(a.CosineSteps)), math.Pi/float64(a.CosineSteps)))), 2)
	return MulScalar(Mul(rise, fall), a.LearningRate)
}

// Clear deletes the optimizer's state. It implements optimizer.Interface.
func (a Adam) Clear(scope *model.Scope) error {
	return scope.Store().DeleteVariablesInScope(model.JoinPath(model.RootScopePath, adamScope))
}

// update moves one variable against its gradient; everything has the variable's shape or
// broadcasts to it.
func (a Adam) update(state *model.Scope, variable *model.Variable, gradient, rate *Node, time *clock) {
	g := gradient.Graph()
	moment1Variable := state.VariableWithShape("moment_1", variable.Shape()).SetTrainable(false)
	moment2Variable := state.VariableWithShape("moment_2", variable.Shape()).SetTrainable(false)
	moment1 := mix(moment1Variable.NodeValue(g), gradient, adamBeta1)
	moment2 := mix(moment2Variable.NodeValue(g), Square(gradient), adamBeta2)
	// Both moments start at 0; the corrections take that bias out again.
	step := Div(Mul(moment1, time.correction1), AddScalar(Sqrt(Mul(moment2, time.correction2)), adamEpsilon))
	if a.WeightDecay != 0 && variable.Shape().Rank() > 1 {
		step = Add(step, MulScalar(variable.NodeValue(g), a.WeightDecay))
	}
	time.set(variable, Sub(variable.NodeValue(g), Mul(step, rate)))
	time.set(moment1Variable, moment1)
	time.set(moment2Variable, moment2)
}

// clock counts the updates of a group of variables and knows their bias corrections. Where the
// variables have one row per expert, each row has its own count.
type clock struct {
	reached                  *Node // [rows, 1, ...] booleans: rows that take part in this step; nil for all
	correction1, correction2 *Node // scalars, or [rows, 1, ...]
}

// tick counts one more step, of all or of the reached rows.
func tick(state *model.Scope, g *Graph, reached *Node) *clock {
	shape := shapes.Make(dtypes.Float32)
	if reached != nil {
		shape = shapes.Make(dtypes.Float32, reached.Shape().Dimensions...)
	}
	variable := state.VariableWithShape("steps", shape).SetTrainable(false)
	steps := OnePlus(variable.NodeValue(g))
	time := &clock{
		reached:     reached,
		correction1: biasCorrection(steps, adamBeta1),
		correction2: biasCorrection(steps, adamBeta2),
	}
	time.set(variable, steps)
	return time
}

// biasCorrection is 1/(1-beta^steps). Written with expm1 it keeps its digits while beta^steps is
// close to 1.
func biasCorrection(steps *Node, beta float64) *Node {
	return Reciprocal(Neg(Expm1(MulScalar(steps, math.Log(beta)))))
}

// forRank is the same clock with axes of length 1 appended, to broadcast over a variable's rows.
func (c *clock) forRank(rank int) *clock {
	dims := append(c.reached.Shape().Clone().Dimensions, xslices.SliceWithValue(rank-1, 1)...)
	return &clock{Reshape(c.reached, dims...), Reshape(c.correction1, dims...), Reshape(c.correction2, dims...)}
}

// set gives a variable its new value, where its rows were reached.
func (c *clock) set(variable *model.Variable, value *Node) {
	if c.reached != nil {
		moves := BroadcastToDims(c.reached, value.Shape().Dimensions...)
		value = Where(moves, value, variable.NodeValue(value))
	}
	variable.SetNodeValue(value)
}

// mix is the exponential moving average: decay of the old, the rest of the new.
func mix(old, new *Node, decay float64) *Node {
	return Add(MulScalar(old, decay), MulScalar(new, 1-decay))
}

// adamState is the scope of what Adam remembers about a variable or a group of them.
func adamState(store *model.Store, path string) *model.Scope {
	return store.Scope(model.JoinPath(model.RootScopePath, adamScope, path)).WithInitializer(initializer.Zero)
}
