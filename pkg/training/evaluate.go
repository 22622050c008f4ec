package training

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/vlm"
)

// Evaluation is a loss that is measured without training: a name for the curve, pictures and
// captions, and how often.
type Evaluation struct {
	Name    string        // "new_drawing", for example
	Dataset train.Dataset // finite
	Every   int           // steps between two measurements; 0 measures once, at the end
}

// evaluator measures losses with dropout off. It compiles when it is first used.
type evaluator struct {
	exec *model.Exec
}

func newEvaluator(backend compute.Backend, store *model.Store, m vlm.Model, predictFirst bool) (*evaluator, error) {
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, images, ids, targets *Node) (*Node, *Node) {
		targets = withFirst(ids, targets, predictFirst)
		counted := NotEqual(targets, ConstAs(targets, vlm.IgnoreTarget))
		return vlm.Loss(m.Forward(scope, images, ids), targets), ReduceAllSum(ConvertDType(counted, dtypes.Float32))
	})
	if err != nil {
		return nil, err
	}
	return &evaluator{exec}, nil
}

// loss is the mean over all counted characters of a data set. A batch whose loss is not a number is an
// error, and so is a context that is done between two batches.
func (e *evaluator) loss(ctx context.Context, dataset train.Dataset) (float64, error) {
	var sum, count float64
	number := 0
	for batch, err := range dataset.Iter() {
		if err != nil {
			return 0, err
		}
		if ctx.Err() != nil {
			return 0, errStop
		}
		loss, counted, err := e.exec.Call2(batch.Inputs[0], batch.Inputs[1], batch.Labels[0])
		if err != nil {
			return 0, err
		}
		n, value := float64(tensors.ToScalar[float32](counted)), float64(tensors.ToScalar[float32](loss))
		if n > 0 && !isFinite(value) {
			return 0, fmt.Errorf("the loss is %v%s", value, inBatch(dataset, number))
		}
		if n > 0 {
			sum += n * value
		}
		count += n
		number++
		if err := batch.Finalize(); err != nil {
			return 0, err
		}
	}
	if count == 0 {
		return 0, fmt.Errorf("%s is empty: nothing to evaluate", dataset.Name())
	}
	return sum / count, nil
}

// Loss is the run's mean loss over all characters of a finite data set, with dropout off.
func (r *Run) Loss(dataset train.Dataset) (float64, error) {
	measure, err := newEvaluator(r.Backend, r.Store, r.Model, r.Config.PredictFirst)
	if err != nil {
		return 0, err
	}
	return measure.loss(context.Background(), dataset)
}

// withFirst puts the first character in front of the targets, for the image's position to predict.
//
// Shapes:
//   - ids, targets: [batch, text]
//   - returns: [batch, 1+text] if first is set, else targets
func withFirst(ids, targets *Node, first bool) *Node {
	if !first {
		return targets
	}
	begin := ConvertDType(Slice(ids, AxisRange(), AxisRange(0, 1)), targets.DType())
	// A row whose targets do not count at all is padding; its first character does not count either.
	counts := Slice(targets, AxisRange(), AxisRange(0, 1))
	ignored := ConstAs(targets, vlm.IgnoreTarget)
	begin = Where(Equal(counts, ignored), BroadcastToShape(ignored, begin.Shape()), begin)
	return Concatenate([]*Node{begin, targets}, 1)
}
