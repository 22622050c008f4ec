package vlm

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// paramReached is the graph parameter under which a scope's variables say which of their rows
// (experts) took part in the forward pass.
const paramReached = "reached_rows"

// reachedRows is what [SetReached] records.
type reachedRows struct {
	scope string
	rows  *Node
}

// SetReached records for the variables below scope, all of them with one row per expert, which rows
// took part in the forward pass: those that some token used. An optimizer leaves the others alone, as
// PyTorch does with parameters that have no gradient.
//
// Shapes:
//   - gates: [tokens, experts]
func SetReached(scope *model.Scope, gates *Node) {
	rows := LogicalAny(used(gates), 0) // [experts]
	scope.SetGraphParam(gates.Graph(), paramReached, reachedRows{scope.Scope(), rows})
}

// Reached is what [SetReached] recorded for a variable's scope, [experts], and the scope that it was
// called with; or nil: then all of the variable took part.
func Reached(g *Graph, variableScope string) (reached *Node, scope string) {
	value, found := model.GetGraphParam(g, model.JoinPath(variableScope, paramReached))
	if !found {
		return nil, ""
	}
	recorded := value.(reachedRows)
	return recorded.rows, recorded.scope
}
