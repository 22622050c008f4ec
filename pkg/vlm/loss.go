package vlm

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// IgnoreTarget marks a target that does not count in the loss.
const IgnoreTarget = -100

// Loss is the mean cross-entropy, in nats, of the characters that really came next. The image's
// position, in front of the text, has no target and does not count; padding does count, which is
// how the model learns to stop.
//
// Shapes:
//   - logits: [batch, 1+text, vocab], or [batch, text, vocab] without an image
//   - targets: [batch, text], ids or [IgnoreTarget]
//   - returns: a scalar
func Loss(logits, targets *Node) *Node {
	g, text, vocab := logits.Graph(), targets.Shape().Dim(1), logits.Shape().Dim(2)
	logits = Slice(logits, AxisRange(), AxisRange(logits.Shape().Dim(1)-text)) // [batch, text, vocab]
	counts := NotEqual(targets, ConstAsDType(g, targets.DType(), IgnoreTarget))
	chosen := OneHot(Where(counts, targets, ZerosLike(targets)), vocab, logits.DType())
	losses := Neg(ReduceSum(Mul(LogSoftmax(logits, -1), chosen), -1)) // [batch, text]
	losses = Where(counts, losses, ZerosLike(losses))
	return Div(ReduceAllSum(losses), ReduceAllSum(ConvertDType(counts, dtypes.Float32)))
}
