package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// GroupedMoE computes what [SparseMoE] computes, and runs an expert only on the tokens that use it:
// tokens are sorted by expert into blocks of equal size, each of one expert. The number of blocks is
// fixed, enough for any routing, so shapes are fixed, no expert has a limit, and no token is dropped.
//
// The router may use at most topK experts for a token.
func GroupedMoE(router Router, topK int, dropout float64) FeedForward {
	return func(scope *model.Scope, x *Node) *Node {
		tokens := Reshape(x, -1, x.Shape().Dim(-1)) // [tokens, embed]
		gates := router(scope.In("router"), tokens) // [tokens, experts]
		experts := scope.In("experts")
		SetReached(experts, gates)
		plan := groupByExpert(gates, topK)
		outputs := plan.experts(experts, plan.dispatch(tokens), dropout) // [blocks, rows, embed]
		return Reshape(plan.combine(outputs), x.Shape().Dimensions...)
	}
}

// grouping says which token stands where. A place is a row of a block, counted through all blocks.
type grouping struct {
	numExperts, blocks, rows int
	places                   *Node // [tokens, topK]: where the token stands
	weights                  *Node // [tokens, topK]: how much the expert there counts
	token                    *Node // [blocks*rows]: which token stands there; where none does, any
	owners                   *Node // [blocks]: the expert of the block
}

// groupByExpert finds a place for every token and each expert that it uses.
//
// Shapes:
//   - gates: [tokens, experts]
func groupByExpert(gates *Node, topK int) grouping {
	g, numTokens, numExperts := gates.Graph(), gates.Shape().Dim(0), gates.Shape().Dim(1)
	rows := blockRows(numTokens*topK, numExperts)
	// Every expert may leave one block partly empty.
	p := grouping{numExperts: numExperts, rows: rows, blocks: numTokens*topK/rows + numExperts}

	uses := ConvertDType(used(gates), dtypes.Int32) // [tokens, experts], ones and zeros
	load := ReduceSum(uses, 0)                      // [experts]
	blocks := Div(AddScalar(load, rows-1), Const(g, int32(rows)))
	end := CumSum(blocks, 0)                                  // [experts]: the first block after the expert's
	first := InsertAxes(MulScalar(Sub(end, blocks), rows), 0) // [1, experts]: the expert's first place
	place := Add(first, Sub(CumSum(uses, 0), uses))           // [tokens, experts]

	// The first, second, ... expert that a token uses.
	number := InsertAxes(Mul(CumSum(uses, 1), uses), 1)                                                    // [tokens, 1, experts]
	isNumber := Equal(number, OnePlus(Iota(g, shapes.Make(dtypes.Int32, numTokens, topK, numExperts), 1))) // [tokens, topK, experts]
	pick := func(from *Node) *Node {
		from = BroadcastToDims(InsertAxes(from, 1), isNumber.Shape().Dimensions...)
		return ReduceSum(Where(isNumber, from, ZerosLike(from)), 2) // [tokens, topK]
	}
	p.places, p.weights = pick(place), pick(gates)
	nowhere := Const(g, int32(p.blocks*rows)) // where an expert that is not used would stand
	p.places = Where(LogicalAny(isNumber, 2), p.places, BroadcastToShape(nowhere, p.places.Shape()))

	standing := Iota(g, p.places.Shape(), 0)
	p.token = Scatter(Reshape(p.places, -1, 1), Reshape(standing, -1), shapes.Make(dtypes.Int32, p.blocks*rows+1), false, false)
	p.token = Slice(p.token, AxisRange(0, p.blocks*rows))
	after := GreaterOrEqual(Iota(g, shapes.Make(dtypes.Int32, p.blocks, numExperts), 0), InsertAxes(end, 0))
	p.owners = MinScalar(ReduceSum(ConvertDType(after, dtypes.Int32), 1), numExperts-1)
	return p
}

// blockRows is the size of a block: a power of two, a quarter of the average load or so, since large
// blocks are multiplied faster and small ones leave fewer rows empty.
func blockRows(numPlaces, numExperts int) int {
	rows := 8
	for rows < 128 && rows*numExperts*4 < numPlaces {
		rows *= 2
	}
	return rows
}

// dispatch copies every token to its places.
//
// Shapes:
//   - tokens: [tokens, embed]
//   - returns: [blocks, rows, embed]
func (p grouping) dispatch(tokens *Node) *Node {
	return Reshape(Gather(tokens, InsertAxes(p.token, -1)), p.blocks, p.rows, -1)
}

// combine adds up what the experts made of a token, weighted.
//
// Shapes:
//   - outputs: [blocks, rows, embed]
//   - returns: [tokens, embed]
func (p grouping) combine(outputs *Node) *Node {
	outputs = Reshape(outputs, p.blocks*p.rows, -1)
	places := MinScalar(p.places, p.blocks*p.rows-1)
	outputs = Gather(outputs, InsertAxes(places, -1)) // [tokens, topK, embed]
	return ReduceSum(Mul(outputs, InsertAxes(p.weights, -1)), 1)
}

// experts is [Experts] on blocks of tokens.
//
// Shapes:
//   - x: [blocks, rows, embed]
//   - returns: the same
func (p grouping) experts(scope *model.Scope, x *Node, dropout float64) *Node {
	embed := x.Shape().Dim(2)
	hidden := activation.Relu(p.linear(scope.In("widen"), x, 4*embed)) // [blocks, rows, 4*embed]
	return Dropout(scope, p.linear(scope.In("narrow"), hidden, embed), dropout)
}

// linear maps every block by the weights of its expert.
//
// Shapes:
//   - x: [blocks, rows, inputs]
//   - returns: [blocks, rows, outputs]
func (p grouping) linear(scope *model.Scope, x *Node, outputs int) *Node {
	weights, biases := ExpertWeights(scope, x.Graph(), p.numExperts, x.Shape().Dim(2), outputs)
	owners := InsertAxes(p.owners, -1)
	weights, biases = Gather(weights, owners, true), Gather(biases, owners, true)
	// Einsum letters: n block, r row, i input, o output.
	return Add(Einsum("nri,nio->nro", x, weights), InsertAxes(biases, 1))
}
