package training

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/captions"
)

// checkFinite stops at the first loss that is not a number, and says which part of it, and in which batch.
func (l *loop) checkFinite(measured Measured) error {
	step := l.trained.Step
	for _, name := range sortedKeys(measured.Parts) {
		value := measured.Parts[name]
		if isFinite(value) {
			continue
		}
		message := fmt.Sprintf("step %d: the %s is %v%s; %s", step, name, value, inBatch(l.batches, step), l.lastCheckpoint())
		if _, finite := l.batches.Describe(step); finite && step > 0 {
			message += fmt.Sprintf("; try a smaller learning rate than %v", l.Config.LearningRate)
		}
		return errors.New(message)
	}
	return nil
}

// inBatch says which batch of a data set it is.
func inBatch(dataset train.Dataset, number int) string {
	batches, ok := dataset.(*captions.Batches)
	if !ok {
		return fmt.Sprintf(" in batch %d", number)
	}
	pictures, finite := batches.Describe(number)
	if !finite {
		return " because of values that are not finite in " + pictures
	}
	return " in the batch of " + pictures
}

// notFinite is the path of the first weight, or value of the optimizer, that is not finite; empty if all are.
func notFinite(store *model.Store) string {
	for variable := range store.IterVariables() {
		if !variable.DType().IsFloat() || !variable.HasValue() {
			continue
		}
		found := false
		err := tensors.ConstFlatData(variable.MustValue(), func(values []float32) { found = !allFinite(values) })
		if err == nil && found { // an error is one of another type of number, which has no weights here
			return variable.Path()
		}
	}
	return ""
}

func allFinite(values []float32) bool {
	return !slices.ContainsFunc(values, func(x float32) bool { return !isFinite(float64(x)) })
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
