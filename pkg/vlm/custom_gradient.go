package vlm

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// withGradient is forward, as a function of inputs, with a gradient written by hand, for what has none
// of its own: loops.
//
// backward gets the gradient of the loss with respect to forward's result and returns that with
// respect to each input.
func withGradient(inputs []*Node, forward func() *Node, backward func(gradient *Node) []*Node) *Node {
	var gradients []*Node
	tie := ScalarZero(inputs[0].Graph(), inputs[0].DType())
	for i, input := range inputs {
		marked := IdentityWithCustomGradient(input, func(_, _ *Node) *Node { return gradients[i] })
		tie = Add(tie, nothingOf(marked))
	}
	// Gradients flow from the result to what it depends on, so it has to depend on every input: by a
	// zero.
	return IdentityWithCustomGradient(Add(StopGradient(forward()), tie), func(_, gradient *Node) *Node {
		gradients = backward(gradient)
		return gradient
	})
}

// nothingOf is the number 0, which depends on x.
func nothingOf(x *Node) *Node {
	never := Const(x.Graph(), false)
	return ReduceAllSum(Where(never, x, ScalarZero(x.Graph(), x.DType())))
}

// repeat runs body count times, which is known only when the graph runs, and returns the last state.
// It has no gradient. What body uses has to be handed in, as given, or made there, numbers with Const:
// GoMLX keeps its other constants from one function to the next, which XLA refuses.
//
// Shapes:
//   - count: int32
//   - given, state: any; body returns a state of the same shapes
func repeat(count *Node, given, state []*Node, body func(run *Node, given, state []*Node) []*Node) []*Node {
	first := append([]*Node{ScalarZero(count.Graph(), dtypes.Int32), count}, slices.Concat(given, state)...)
	closure := func(of func(now []*Node) []*Node) *Function {
		return NewClosure(count.Graph(), func(g *Graph) []*Node {
			now := make([]*Node, len(first))
			for i, node := range first {
				now[i] = Parameter(g, fmt.Sprint("state_", i), node.Shape())
			}
			return of(now)
		})
	}
	goesOn := closure(func(now []*Node) []*Node { return []*Node{LessThan(now[0], now[1])} })
	stateAt := 2 + len(given)
	next := closure(func(now []*Node) []*Node {
		state := body(now[0], now[2:stateAt], now[stateAt:])
		return slices.Concat([]*Node{Add(now[0], Const(now[0].Graph(), int32(1)))}, now[1:stateAt], state)
	})
	return While(goesOn, next, first...)[stateAt:]
}
