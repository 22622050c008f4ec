package vlm

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// ParamObserve is the store parameter that switches [Observe] on; it is off by default.
const ParamObserve = "observe"

// Observe makes an inner value of the model visible to whoever asked for it: if the store has
// [ParamObserve] set to true, the value is handed to the executor's node logger under the name
// "scope/name". Otherwise it does nothing and costs nothing.
func Observe(scope *model.Scope, name string, value *Node) {
	if model.GetParamOr(scope, ParamObserve, false) {
		value.SetLogged(model.JoinPath(scope.Scope(), name))
	}
}
