package vlm

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// LargestMask marks the k largest numbers of every row, of equal ones the first. Unlike GoMLX's TopKMask it also works
// inside of a loop, see largest.
//
// Shapes:
//   - x: [rows, columns]
//   - returns: bool [rows, columns]
func LargestMask(x *Node, k int) *Node {
	_, _, marks := largest(x, k)
	return marks
}

// largest finds the k largest numbers of every row, of equal ones the first. It looks k times instead of
// sorting: k is small, and XLA sorts slowly and not at all inside of a loop.
//
// Shapes:
//   - x: [rows, columns]
//   - returns: the numbers and their columns (int32), [rows, k], the largest first; and which numbers
//     they are, bool [rows, columns]
func largest(x *Node, k int) (values, columns, marks *Node) {
	g := x.Graph()
	column := Iota(g, shapes.Make(dtypes.Int32, x.Shape().Dimensions...), 1)
	nothing := BroadcastToShape(Const(g, float32(math.Inf(-1))), x.Shape())
	var allValues, allColumns []*Node
	for range k {
		at := InsertAxes(ArgMax(x, 1, dtypes.Int32), 1)
		mark := Equal(column, at)
		allValues, allColumns = append(allValues, InsertAxes(ReduceMax(x, 1), 1)), append(allColumns, at)
		x = Where(mark, nothing, x)
		if marks == nil {
			marks = mark
		} else {
			marks = LogicalOr(marks, mark)
		}
	}
	return Concatenate(allValues, 1), Concatenate(allColumns, 1), marks
}
