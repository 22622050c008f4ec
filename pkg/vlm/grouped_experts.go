package vlm

import (
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// experts is [Experts] on the tokens at their places. The first blocks are multiplied all at once; of
// the further ones only those that are needed, one after the other.
//
// Shapes:
//   - x: [places, embed]
//   - returns: the same
func (p grouping) experts(scope *model.Scope, x *Node) *Node {
	g, embed := x.Graph(), x.Shape().Dim(1)
	wide, wideBias := ExpertWeights(scope.In("widen"), g, p.numExperts, embed, 4*embed)
	narrow, narrowBias := ExpertWeights(scope.In("narrow"), g, p.numExperts, 4*embed, embed)
	weights := expertMLP{wide, wideBias, narrow, narrowBias}
	var hidden *Node // [experts, firstRows, 4*embed], of the first blocks
	return withGradient(append([]*Node{x}, weights...), func() *Node {
		first, further := p.blocks(x)
		var y *Node
		y, hidden = weights.forward(first)
		given := append([]*Node{p.owners, further}, weights...)
		furtherY := repeat(p.further, given, []*Node{ZerosLike(further)}, func(block *Node, given, state []*Node) []*Node {
			owner, x := row(given[0], block), row(given[1], block)
			y, _ := expertMLP(given[2:]).of(owner).forward(x)
			return []*Node{addToRow(state[0], block, y)}
		})
		return joined(y, furtherY[0])
	}, func(gradient *Node) []*Node {
		first, further := p.blocks(x)
		firstGradient, furtherGradient := p.blocks(gradient)
		ofFirst, ofWeights := weights.backward(first, hidden, firstGradient)
		given := append([]*Node{p.owners, further, furtherGradient}, weights...)
		state := append([]*Node{ZerosLike(further)}, ofWeights...)
		state = repeat(p.further, given, state, func(block *Node, given, state []*Node) []*Node {
			owner, x, gradient := row(given[0], block), row(given[1], block), row(given[2], block)
			mlp := expertMLP(given[3:]).of(owner)
			_, hidden := mlp.forward(x)
			ofX, ofWeights := mlp.backward(x, hidden, gradient)
			next := []*Node{addToRow(state[0], block, ofX)}
			for i, sum := range state[1:] {
				next = append(next, addToRow(sum, owner, ofWeights[i]))
			}
			return next
		})
		return append([]*Node{joined(ofFirst, state[0])}, state[1:]...)
	})
}

// expertMLP is the weights of MLPs with ReLU, one for every block of rows: wide [blocks, embed, hidden]
// and its biases [blocks, hidden], narrow [blocks, hidden, embed] and its biases [blocks, embed].
type expertMLP []*Node

// of is one of the MLPs.
func (w expertMLP) of(owner *Node) expertMLP {
	var one expertMLP
	for _, weights := range w {
		one = append(one, row(weights, owner))
	}
	return one
}

// forward maps blocks of rows.
//
// Shapes:
//   - x: [blocks, rows, embed]
//   - returns: the same, and what was between the two maps, [blocks, rows, hidden]
func (w expertMLP) forward(x *Node) (y, hidden *Node) {
	// Einsum letters: n block, r row, d embed, h hidden.
	hidden = Max(Add(Einsum("nrd,ndh->nrh", x, w[0]), InsertAxes(w[1], 1)), Const(x.Graph(), float32(0)))
	return Add(Einsum("nrh,nhd->nrd", hidden, w[2]), InsertAxes(w[3], 1)), hidden
}

// backward is the gradient with respect to x and to the weights, from that with respect to y.
func (w expertMLP) backward(x, hidden, ofY *Node) (ofX *Node, ofWeights []*Node) {
	ofHidden := Einsum("nrd,nhd->nrh", ofY, w[2])
	zero := Const(x.Graph(), float32(0))
	ofHidden = Where(GreaterThan(hidden, zero), ofHidden, zero)
	return Einsum("nrh,ndh->nrd", ofHidden, w[0]), []*Node{
		Einsum("nrd,nrh->ndh", x, ofHidden), sumOfRows(ofHidden),
		Einsum("nrh,nrd->nhd", hidden, ofY), sumOfRows(ofY),
	}
}

// sumOfRows adds up the rows of each block, by a product: XLA refuses other sums in a loop.
//
// Shapes:
//   - x: [blocks, rows, values]
//   - returns: [blocks, values]
func sumOfRows(x *Node) *Node {
	one := Const(x.Graph(), float32(1))
	return Einsum("nrv,nr->nv", x, BroadcastToDims(one, x.Shape().Dim(0), x.Shape().Dim(1)))
}

// blocks are the values at the places of the first blocks and at those of the further ones.
//
// Shapes:
//   - values: [places, embed]
//   - returns: [experts, firstRows, embed] and [further blocks, furtherRows, embed]
func (p grouping) blocks(values *Node) (first, further *Node) {
	end, embed := p.numExperts*p.firstRows, values.Shape().Dim(1)
	first = Reshape(Slice(values, AxisRange(0, end)), p.numExperts, p.firstRows, embed)
	return first, Reshape(Slice(values, AxisRange(end)), -1, p.furtherRows, embed)
}

// joined is the reverse of blocks.
func joined(first, further *Node) *Node {
	embed := first.Shape().Dim(2)
	return Concatenate([]*Node{Reshape(first, -1, embed), Reshape(further, -1, embed)}, 0)
}

// row is values[i:i+1].
func row(values, i *Node) *Node {
	return Gather(values, Reshape(i, 1, 1))
}

// addToRow is values with others added to values[i:i+1]. Each backend has an operation for it that the
// other lacks, in a loop.
func addToRow(values, i, others *Node) *Node {
	if !values.Graph().Backend().Capabilities().Operations[compute.OpTypeDynamicUpdateSlice] {
		return ScatterSum(values, Reshape(i, 1, 1), others, true, true)
	}
	start := slices.Repeat([]*Node{Const(values.Graph(), int32(0))}, values.Rank())
	start[0] = Reshape(i)
	return DynamicUpdateSlice(values, Add(row(values, i), others), start)
}
