package vlm

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
)

// Initialize returns the variables of a graph that takes inputs of these shapes, and gives first values to those
// that have none yet. The graph is built on the pure-Go backend and never run, and the values are drawn there:
// XLA would spend seconds on compiling random numbers that are needed once. They are the numbers that XLA
// would draw, so a seed starts alike everywhere.
func Initialize(store *model.Store, build func(scope *model.Scope, inputs []*Node) []*Node, inputs ...shapes.Shape) ([]*model.Variable, error) {
	opened, err := compute.NewWithConfig(backend.PureGo)
	if err != nil {
		return nil, err
	}
	defer opened.Finalize()
	exec, err := model.NewExec(opened, store, build)
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	g, err := exec.Compile(inputs...)
	if err != nil {
		return nil, err
	}
	var variables, missing []*model.Variable
	for variable := range store.IterVariables() {
		if variable.InUseByGraph(g) {
			variables = append(variables, variable)
		}
		if !variable.HasValue() {
			missing = append(missing, variable)
		}
	}
	if len(missing) == 0 {
		return variables, nil
	}
	// The random state may be on another backend, where it was used; values are for whichever comes next.
	state := store.GetVariable(model.RootScopePath + model.RNGStateVariableName)
	if err := toLocal(state); err != nil {
		return nil, err
	}
	if err := store.InitializeVariables(opened, nil); err != nil {
		return nil, err
	}
	return variables, toLocal(append(missing, state)...)
}

// toLocal brings the variables' values to the host.
func toLocal(variables ...*model.Variable) error {
	for _, variable := range variables {
		if variable == nil || !variable.HasValue() {
			continue
		}
		value, err := variable.Value()
		if err != nil {
			return err
		}
		if err := value.ToLocal(); err != nil {
			return err
		}
	}
	return nil
}
