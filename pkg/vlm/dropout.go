package vlm

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Dropout sets each value to zero with probability rate while training and scales the others up so
// that the mean stays; otherwise it changes nothing.
//
// Which values are dropped is decided by a hash of their index and of one random number per call.
// Unlike a stream of random numbers it needs no memory and is computed wherever the mask is used.
//
// Shapes:
//   - x: any
//   - returns: the same
func Dropout(scope *model.Scope, x *Node, rate float64) *Node {
	g := x.Graph()
	if rate <= 0 || !scope.IsTraining(g) {
		return x
	}
	index := Iota(g, shapes.Make(dtypes.Uint32, x.Shape().Size()), 0)
	seed := scope.RandomIntN(g, uint32(math.MaxUint32), shapes.Make(dtypes.Uint32))
	bits := Reshape(mixBits(BitwiseXor(mixBits(index), seed)), x.Shape().Dimensions...)
	kept := GreaterOrEqual(bits, Const(g, uint32(rate*math.MaxUint32)))
	return Where(kept, MulScalar(x, 1/(1-rate)), ZerosLike(x))
}

// mixBits spreads every input bit over all 32 output bits: Wellons' "lowbias32" hash (2018, public
// domain), the best of its two-multiplication family.
func mixBits(x *Node) *Node {
	g := x.Graph()
	for _, round := range []struct{ shift, factor uint32 }{{16, 0x21f0aaad}, {15, 0x735a2d97}} {
		x = BitwiseXor(x, BitwiseShiftRightLogical(x, Const(g, round.shift)))
		x = Mul(x, Const(g, round.factor))
	}
	return BitwiseXor(x, BitwiseShiftRightLogical(x, Const(g, uint32(15))))
}
