package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// GroupedMoE computes what [SparseMoE] computes, and runs an expert only on the tokens that use it:
// tokens are sorted by expert into blocks of equal size, each of one expert. Every expert has a first
// block; further ones are given out as they are needed, and there are enough for any routing. So
// shapes are fixed, no expert has a limit, and no token is dropped.
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
	owners                   *Node // [blocks-numExperts]: the experts of the further blocks
}

// groupByExpert finds a place for every token and each expert that it uses.
//
// Shapes:
//   - gates: [tokens, experts]
func groupByExpert(gates *Node, topK int) grouping {
	g, numTokens, numExperts := gates.Graph(), gates.Shape().Dim(0), gates.Shape().Dim(1)
	rows := blockRows(numTokens*topK, numExperts)
	further := numTokens * topK / rows // enough: a further block is needed for every rows tokens at most
	p := grouping{numExperts: numExperts, rows: rows, blocks: numExperts + further}

	uses := ConvertDType(used(gates), dtypes.Int32) // [tokens, experts], ones and zeros
	load := ReduceSum(uses, 0)                      // [experts]
	blocks := Div(MaxScalar(AddScalar(load, -1), 0), Const(g, int32(rows)))
	end := CumSum(blocks, 0) // [experts]: the further block after the expert's last
	if further > 0 {
		p.owners = ownersOf(end, further) // [further]
	}
	rank := Sub(CumSum(uses, 0), uses) // [tokens, experts]: how many tokens before this one use the expert
	place := placeOf(rank, Sub(end, blocks), rows)

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
	return p
}

// placeOf is where a token stands for an expert: in the expert's first block as long as that has rows
// left, then in its further blocks.
//
// Shapes:
//   - rank: [tokens, experts], how many tokens of the expert stand before this one
//   - first: [experts], the number of the expert's first further block
//   - returns: [tokens, experts]
func placeOf(rank, first *Node, rows int) *Node {
	numExperts := rank.Shape().Dim(1)
	inFirst := Add(MulScalar(Iota(rank.Graph(), rank.Shape(), 1), rows), rank)
	inFurther := Add(InsertAxes(MulScalar(AddScalar(first, numExperts-1), rows), 0), rank)
	return Where(LessThan(rank, ConstAs(rank, rows)), inFirst, inFurther)
}

// ownersOf are the experts of the further blocks; those that nobody needs get the last one.
//
// Shapes:
//   - end: [experts], the number of the further block after the expert's last
//   - returns: [further]
func ownersOf(end *Node, further int) *Node {
	numExperts := end.Shape().Dim(0)
	after := GreaterOrEqual(Iota(end.Graph(), shapes.Make(dtypes.Int32, further, numExperts), 0), InsertAxes(end, 0))
	return MinScalar(ReduceSum(ConvertDType(after, dtypes.Int32), 1), numExperts-1)
}

// blockRows is the size of a block: large blocks are multiplied faster, small ones leave fewer rows
// empty. On a CPU 128 were best for an average load of 260 tokens, and 64 for 32.
func blockRows(numPlaces, numExperts int) int {
	switch average := numPlaces / numExperts; {
	case average >= 256:
		return 128
	case average >= 16:
		return 64
	}
	return 16
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

// experts is [Experts] on blocks of tokens. The first blocks are those of the experts in their order
// and use the weights as they are; only for the further ones weights are copied.
//
// Shapes:
//   - x: [blocks, rows, embed]
//   - returns: the same
func (p grouping) experts(scope *model.Scope, x *Node, dropout float64) *Node {
	g, embed := x.Graph(), x.Shape().Dim(2)
	wide, wideBias := ExpertWeights(scope.In("widen"), g, p.numExperts, embed, 4*embed)
	narrow, narrowBias := ExpertWeights(scope.In("narrow"), g, p.numExperts, 4*embed, embed)
	work := func(x *Node, of func(weights *Node) *Node) *Node {
		hidden := activation.Relu(blockLinear(x, of(wide), of(wideBias))) // [blocks, rows, 4*embed]
		return blockLinear(hidden, of(narrow), of(narrowBias))
	}
	outputs := work(Slice(x, AxisRange(0, p.numExperts)), func(weights *Node) *Node { return weights })
	if p.blocks > p.numExperts {
		further := work(Slice(x, AxisRange(p.numExperts)), func(weights *Node) *Node {
			return Gather(weights, InsertAxes(p.owners, -1), true)
		})
		outputs = Concatenate([]*Node{outputs, further}, 0)
	}
	return Dropout(scope, outputs, dropout)
}

// blockLinear maps every block by weights of its own.
//
// Shapes:
//   - x: [blocks, rows, inputs]
//   - weights: [blocks, inputs, outputs]
//   - biases: [blocks, outputs]
//   - returns: [blocks, rows, outputs]
func blockLinear(x, weights, biases *Node) *Node {
	// Einsum letters: n block, r row, i input, o output.
	return Add(Einsum("nri,nio->nro", x, weights), InsertAxes(biases, 1))
}
