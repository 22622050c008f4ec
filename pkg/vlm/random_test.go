package vlm

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
)

// TestDrawnAsByXLA: what is drawn here is what XLA draws, uniform and normal, for sizes that fill the generator's
// blocks of four and for others, one after the other, also where the counter overflows.
func TestDrawnAsByXLA(t *testing.T) {
	opened, _, err := backend.Open("xla:cpu")
	if err != nil {
		t.Skip(err)
	}
	defer opened.Finalize()
	pureGo := testBackend(t)
	for _, seed := range [][]uint64{{1, 2, 3}, {math.MaxUint64 - 5, math.MaxUint64 - 3, 7}, {1 << 40, 1<<32 - 2, math.MaxUint64}} {
		build := func(scope *model.Scope, g *Graph) (values []*Node) {
			for i, size := range []int{1, 7, 8, 130} {
				scope := scope.In("%d", i)
				uniform, normal := scope.WithInitializer(Uniform(scope, 0.3)), scope.WithInitializer(Normal(scope, 2))
				values = append(values, uniform.VariableWithShape("uniform", shapes.Make(dtypes.Float32, size)).NodeValue(g),
					normal.VariableWithShape("normal", shapes.Make(dtypes.Float32, 2, size)).NodeValue(g))
			}
			return values
		}
		draw := func(with func(store *model.Store) error) *model.Store {
			store := model.NewStore()
			if err := store.SetRNGStateFromSeed(1); err != nil {
				t.Fatal(err)
			}
			state := store.GetVariable(model.RootScopePath + model.RNGStateVariableName)
			if err := state.SetValue(tensors.FromValue(seed)); err != nil {
				t.Fatal(err)
			}
			if err := with(store); err != nil {
				t.Fatal(err)
			}
			return store
		}
		want := draw(func(store *model.Store) error {
			_, err := model.CallOnceN(opened, store, build)
			return err
		})
		got := draw(func(store *model.Store) error {
			_, err := model.CallOnceN(pureGo, store, build)
			return err
		})
		for variable := range want.IterVariables() {
			other := got.GetVariable(variable.Path()).MustValue()
			if !variable.MustValue().InDelta(other, 1e-6) {
				t.Errorf("state %v: %s is %v, want %v", seed, variable.Path(), other, variable.MustValue())
			}
		}
	}
}
