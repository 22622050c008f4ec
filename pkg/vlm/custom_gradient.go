package vlm

import (
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
