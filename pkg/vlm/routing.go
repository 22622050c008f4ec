package vlm

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Routing is what one router decided in a forward pass.
type Routing struct {
	Logits *Node // [tokens, experts]: the scores, noise included
	Gates  *Node // [tokens, experts]: see [Router]
}

// paramRoutings is the graph parameter that collects the routings of a graph.
const paramRoutings = "routings"

// RecordRouting is called by a router: it makes its decisions visible to [Routings], for losses and
// accounts, and to [Observe], as "gates".
func RecordRouting(scope *model.Scope, logits, gates *Node) {
	g, root := logits.Graph(), scope.Store().RootScope()
	root.SetGraphParam(g, paramRoutings, append(Routings(scope, g), Routing{logits, gates}))
	Observe(scope, "gates", gates)
}

// Routings lists what the routers of a graph decided, in the order of the layers.
func Routings(scope *model.Scope, g *Graph) []Routing {
	recorded, found := scope.Store().RootScope().GetGraphParam(g, paramRoutings)
	if !found {
		return nil
	}
	return recorded.([]Routing)
}

// Load counts the tokens that each expert works on; the counts add up to tokens x topK.
//
// Shapes:
//   - returns: [experts]
func (r Routing) Load() *Node {
	return ReduceSum(ConvertDType(used(r.Gates), dtypes.Float32), 0)
}

// BalancingLoss is small when the experts get equal shares of the tokens: experts times the sum over
// experts of (share of the tokens that it got) x (mean probability that the router gave it), the loss
// of Shazeer and others (2017) in the form of the Switch Transformer and GShard. It is 1 for an even
// load and at most the number of experts. Only the probabilities have a gradient.
//
// Shapes:
//   - returns: a scalar
func (r Routing) BalancingLoss() *Node {
	load := StopGradient(r.Load())
	share := Div(load, ReduceAllSum(load))
	probability := ReduceMean(Softmax(r.Logits, -1), 0)
	return MulScalar(ReduceAllSum(Mul(share, probability)), float64(share.Shape().Size()))
}

// ZLoss keeps the scores small, so that softmax keeps its digits: the mean over tokens of the squared
// log of the sum of their exponentials (ST-MoE, Zoph and others, 2022).
//
// Shapes:
//   - returns: a scalar
func (r Routing) ZLoss() *Node {
	logSumExp := ReduceMean(Sub(r.Logits, LogSoftmax(r.Logits, -1)), -1) // the difference is the same for every expert
	return ReduceAllMean(Square(logSumExp))
}

// used is true where a token uses an expert. A gate that is not a number counts: nothing that went
// wrong may hide.
func used(gates *Node) *Node {
	return NotEqual(StopGradient(gates), ScalarZero(gates.Graph(), gates.DType()))
}
