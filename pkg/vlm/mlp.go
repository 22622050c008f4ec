package vlm

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// FeedForward is the part of a block that works on each position by itself. Any function of this
// type can be passed to [Block].
//
// Shapes:
//   - x: [batch, seq, embed]
//   - returns: the same
type FeedForward func(scope *model.Scope, x *Node) *Node

// Activation is the nonlinearity between two linear maps; it keeps the shape.
type Activation func(x *Node) *Node

// MLP is the plain feed-forward: widen fourfold, apply the activation, narrow again.
func MLP(activation Activation, dropout float64) FeedForward {
	return func(scope *model.Scope, x *Node) *Node {
		embed := x.Shape().Dim(-1)
		hidden := activation(Linear(scope.In("widen"), x, 4*embed, true)) // [batch, seq, 4*embed]
		x = Linear(scope.In("narrow"), hidden, embed, true)
		return Dropout(scope, x, dropout)
	}
}
