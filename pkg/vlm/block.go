package vlm

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// BlockFunc is one layer of a transformer, all its sizes already chosen. The encoder and the
// decoder take the block they are made of as an argument.
//
// Shapes:
//   - x: [batch, seq, embed]
//   - returns: the same
type BlockFunc func(scope *model.Scope, x *Node) *Node

// Block first lets positions talk to each other (attention), then lets each think by itself (the
// feed-forward); both add to what is there instead of replacing it.
//
// The second residual starts from the normalised x, as in the originals; the usual pre-norm block
// starts it from x before the normalisation.
//
// Shapes:
//   - x: [batch, seq, embed]
//   - returns: the same
func Block(scope *model.Scope, x *Node, numHeads int, causal bool, dropout float64, feedForward FeedForward) *Node {
	attended := MultiHeadAttention(scope.In("attention"), LayerNorm(scope.In("norm_1"), x), numHeads, causal, dropout)
	x = LayerNorm(scope.In("norm_2"), Add(x, attended))
	return Add(x, feedForward(scope.In("feed_forward"), x))
}
