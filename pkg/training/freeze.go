package training

import (
	"fmt"
	"math"
	"slices"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// freeze makes the weights below the named scopes stand still: they get no gradient, and the optimizer
// keeps nothing about them.
func freeze(scope *model.Scope, g *Graph, scopes []string) error {
	for _, name := range scopes {
		found := false
		for variable := range scope.IterVariables() {
			if variable.InUseByGraph(g) && below(variable, name) {
				variable.SetTrainable(false)
				found = true
			}
		}
		if !found {
			return misfit(fmt.Sprintf("frozen is %q: the model has no weights there", name))
		}
	}
	return nil
}

// below says whether a variable belongs to a scope or one inside of it.
func below(variable *model.Variable, scope string) bool {
	return strings.HasPrefix(variable.Path(), model.RootScopePath+strings.Trim(scope, model.ScopeSeparator)+model.ScopeSeparator)
}

// startFrom gives an empty store the weights of another run's newest checkpoint, without what its
// optimizer remembered, its step count and its random state.
func startFrom(store *model.Store, folder string, warn func(string)) error {
	before := model.NewStore()
	step, err := loadCheckpoint(before, folder, warn)
	if err != nil {
		return err
	}
	if step == 0 {
		return fmt.Errorf("%s has no checkpoint yet: nothing to start from", folder)
	}
	for variable := range before.IterVariables() {
		if !variable.Trainable {
			continue
		}
		value, err := variable.Value()
		if err != nil {
			return err
		}
		if value, err = value.LocalClone(); err != nil {
			return err
		}
		store.Scope(variable.Scope()).VariableWithValue(variable.Name(), value)
	}
	return nil
}

// Change says what became of the weights of one part of a model.
type Change struct {
	Part       string  // "decoder", for example
	Parameters int     // numbers
	Largest    float64 // by how much one of them moved at most; NaN where the part was not there before
	Remembered int     // numbers that the optimizer keeps about the part
}

// Changes compares two runs' weights part by part, in alphabetical order.
func Changes(before, after *Run) ([]Change, error) {
	parts := map[string]*Change{}
	for variable := range after.Store.IterVariables() {
		path := strings.TrimPrefix(variable.Path(), model.RootScopePath)
		of, remembered := strings.CutPrefix(path, adamScope+model.ScopeSeparator)
		part, _, isPart := strings.Cut(of, model.ScopeSeparator)
		if !isPart || !variable.DType().IsFloat() {
			continue // a count, or the random state
		}
		if parts[part] == nil {
			parts[part] = &Change{Part: part}
		}
		change := parts[part]
		if remembered {
			change.Remembered += variable.Shape().Size()
			continue
		}
		change.Parameters += variable.Shape().Size()
		moved, err := largestDifference(before.Store.GetVariable(variable.Path()), variable)
		if err != nil {
			return nil, err
		}
		change.Largest = math.Max(change.Largest, moved) // NaN stays
	}
	var changes []Change
	for _, part := range sortedKeys(parts) {
		changes = append(changes, *parts[part])
	}
	return changes, nil
}

// MustChanges is Changes for notebook cells: it panics on an error.
func MustChanges(before, after *Run) []Change {
	changes, err := Changes(before, after)
	if err != nil {
		panic(err)
	}
	return changes
}

func largestDifference(before, after *model.Variable) (float64, error) {
	if before == nil || !slices.Equal(before.Shape().Dimensions, after.Shape().Dimensions) {
		return math.NaN(), nil
	}
	var values [2][]float32
	for i, variable := range []*model.Variable{before, after} {
		value, err := variable.Value()
		if err != nil {
			return 0, err
		}
		if values[i], err = tensors.CopyFlatData[float32](value); err != nil {
			return 0, err
		}
	}
	largest := 0.0
	for i, value := range values[0] {
		largest = math.Max(largest, math.Abs(float64(value-values[1][i])))
	}
	return largest, nil
}
