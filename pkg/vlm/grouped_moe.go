package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// GroupedMoE computes what [SparseMoE] computes, and runs an expert only on the tokens that use it:
// tokens are sorted by expert into blocks of rows. Every expert has a first block with room for the
// usual load; what does not fit goes to further blocks, as many as there are to fill. So shapes are
// fixed, no expert has a limit, and no token is dropped.
//
// The router may use at most topK experts for a token.
//
// On several devices XLA gives each of them its share of the tokens, but cannot divide what is sorted: every
// device would run the experts on the tokens of all. Where it is no more work to run every expert on
// the own share, that is what happens.
func GroupedMoE(router Router, topK int, dropout float64) FeedForward {
	return func(scope *model.Scope, x *Node) *Node {
		tokens := Reshape(x, -1, x.Shape().Dim(-1)) // [tokens, embed]
		gates := router(scope.In("router"), tokens) // [tokens, experts]
		experts := scope.In("experts")
		SetReached(experts, gates)
		chosen := choose(gates, topK)
		var outputs *Node // [tokens, topK, embed]
		if numExperts := gates.Shape().Dim(1); shared(x.Graph(), numExperts, topK) {
			outputs = chosen.from(Experts(experts, BroadcastPrefix(tokens, numExperts), 0))
		} else {
			plan := groupByExpert(gates, chosen)
			outputs = plan.collect(plan.experts(experts, plan.dispatch(tokens)))
		}
		outputs = Dropout(experts, outputs, dropout)
		return Reshape(chosen.combine(outputs), x.Shape().Dimensions...)
	}
}

// shared says whether a device's share of the tokens on every expert is at most as much as all tokens on those
// that they use.
func shared(g *Graph, numExperts, topK int) bool {
	return g.NumDevices() > 1 && numExperts <= g.NumDevices()*topK
}

// grouping says which token stands where. A place is a row of a block, counted through the first
// blocks, in the order of their experts, and then through the further ones.
type grouping struct {
	numExperts             int
	firstRows, furtherRows int   // rows of a block
	numPlaces              int   // enough for any routing
	places                 *Node // [tokens, topK]: where the token stands
	token                  *Node // [places]: which token stands there; where none does, any
	further                *Node // scalar: how many further blocks are needed
	owners                 *Node // [further blocks, at most]: their experts
}

// groupByExpert finds a place for every token and each expert that it uses.
//
// Shapes:
//   - gates: [tokens, experts]; chosen is made of them
func groupByExpert(gates *Node, chosen choice) grouping {
	g, numTokens, numExperts, topK := gates.Graph(), gates.Shape().Dim(0), gates.Shape().Dim(1), chosen.is.Shape().Dim(1)
	p := grouping{numExperts: numExperts}
	p.firstRows, p.furtherRows = blockRows(numTokens*topK, numExperts)
	// A further block holds more than no token and follows a full first one, which is as large.
	atMost := max(1, numTokens*topK/p.furtherRows)
	p.numPlaces = numExperts*p.firstRows + atMost*p.furtherRows

	uses := usesOf(gates)
	load := ReduceSum(uses, 0) // [experts]
	blocks := Div(AddScalar(MaxScalar(AddScalar(load, -p.firstRows), 0), p.furtherRows-1), Const(g, int32(p.furtherRows)))
	end := CumSum(blocks, 0)                                                   // [experts]: the further block after the expert's last
	p.further = MinScalar(Reshape(Slice(end, AxisElem(numExperts-1))), atMost) // NaN gates use every expert
	p.owners = ownersOf(end, atMost)
	rank := Sub(CumSum(uses, 0), uses) // [tokens, experts]: how many tokens before this one use the expert
	place := p.placeOf(rank, Sub(end, blocks))

	p.places = chosen.pick(place)
	nowhere := Const(g, int32(p.numPlaces)) // where an expert that is not used would stand
	p.places = Where(LogicalAny(chosen.is, 2), p.places, BroadcastToShape(nowhere, p.places.Shape()))
	p.places = Min(p.places, nowhere)

	standing := Iota(g, p.places.Shape(), 0)
	p.token = Scatter(Reshape(p.places, -1, 1), Reshape(standing, -1), shapes.Make(dtypes.Int32, p.numPlaces+1), false, false)
	p.token = Slice(p.token, AxisRange(0, p.numPlaces))
	return p
}

// placeOf is where a token stands for an expert: in the expert's first block as long as that has rows
// left, then in its further ones.
//
// Shapes:
//   - rank: [tokens, experts], how many tokens of the expert stand before this one
//   - first: [experts], the number of the expert's first further block
//   - returns: [tokens, experts]
func (p grouping) placeOf(rank, first *Node) *Node {
	inFirst := Add(MulScalar(Iota(rank.Graph(), rank.Shape(), 1), p.firstRows), rank)
	start := AddScalar(MulScalar(first, p.furtherRows), (p.numExperts-1)*p.firstRows)
	return Where(LessThan(rank, ConstAs(rank, p.firstRows)), inFirst, Add(InsertAxes(start, 0), rank))
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

// blockRows is how many rows the first and the further blocks have. The larger a first block, the
// fewer of them run over, and the more rows stay empty.
func blockRows(numPlaces, numExperts int) (first, further int) {
	const step = 16 // what matrix products like
	average := numPlaces / numExperts
	first = step * (average*5/4/step + 1)
	return first, min(first, 8*step)
}

// dispatch copies every token to its places.
//
// Shapes:
//   - tokens: [tokens, embed]
//   - returns: [places, embed]
func (p grouping) dispatch(tokens *Node) *Node {
	return Gather(tokens, InsertAxes(p.token, -1))
}

// collect brings back to a token what the experts made of it.
//
// Shapes:
//   - outputs: [places, embed]
//   - returns: [tokens, topK, embed]
func (p grouping) collect(outputs *Node) *Node {
	places := MinScalar(p.places, p.numPlaces-1)
	return Gather(outputs, InsertAxes(places, -1))
}
