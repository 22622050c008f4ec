package vlm

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// loop runs body as long as goesOn says so, which is known only when the graph runs, and returns the last
// state. It has no gradient. What the two use has to be handed in, as given, or made there, numbers with
// Const: GoMLX keeps its other constants and its sums from one function to the next, which XLA refuses
// where the function that surrounds the loop had them first.
//
// Shapes:
//   - given, state: any; body returns a state of the same shapes, goesOn a bool
func loop(given, state []*Node, goesOn func(given, state []*Node) *Node, body func(given, state []*Node) []*Node) []*Node {
	first, stateAt := slices.Concat(given, state), len(given)
	closure := func(of func(now []*Node) []*Node) *Function {
		return NewClosure(first[0].Graph(), func(g *Graph) []*Node {
			now := make([]*Node, len(first))
			for i, node := range first {
				now[i] = Parameter(g, fmt.Sprint("state_", i), node.Shape())
			}
			return of(now)
		})
	}
	next := closure(func(now []*Node) []*Node {
		return slices.Concat(now[:stateAt], body(now[:stateAt], now[stateAt:]))
	})
	condition := closure(func(now []*Node) []*Node { return []*Node{goesOn(now[:stateAt], now[stateAt:])} })
	return While(condition, next, first...)[stateAt:]
}

// repeat is a loop that runs count times, see there.
//
// Shapes:
//   - count: int32
func repeat(count *Node, given, state []*Node, body func(run *Node, given, state []*Node) []*Node) []*Node {
	given, state = append([]*Node{count}, given...), append([]*Node{Const(count.Graph(), int32(0))}, state...)
	goesOn := func(given, state []*Node) *Node { return LessThan(state[0], given[0]) }
	return loop(given, state, goesOn, func(given, state []*Node) []*Node {
		run := state[0]
		return append([]*Node{Add(run, Const(run.Graph(), int32(1)))}, body(run, given[1:], state[1:])...)
	})[1:]
}

// withValues builds a part of a graph in which the variables have other values: in a loop, those that it
// was given.
func withValues(variables []*model.Variable, values []*Node, build func()) {
	before := make([]*Node, len(variables))
	for i, variable := range variables {
		before[i] = variable.NodeValue(values[i])
		variable.SetNodeValue(values[i])
	}
	build()
	for i, variable := range variables {
		variable.SetNodeValue(before[i])
	}
}
