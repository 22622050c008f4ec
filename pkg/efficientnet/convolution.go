package efficientnet

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Every convolution here is followed by a batch normalisation in the original. Since the network is
// frozen, that is a factor and an offset per channel, which parameters.go puts into weights and biases.

// convolution is an ordinary one.
//
// Shapes:
//   - x: [batch, height, width, input]
//   - returns: [batch, height/stride, width/stride, output], rounded up
func convolution(scope *model.Scope, x *Node, kernel, stride, output int) *Node {
	weights := variable(scope, x, "weights", kernel, kernel, x.Shape().Dim(3), output)
	convolved := Convolve(pad(x, kernel, stride), weights).Strides(stride).NoPadding().Done()
	return Add(convolved, variable(scope, x, "biases", 1, 1, 1, output))
}

// pointwise is a convolution with a 1x1 kernel: the same linear map at every place.
//
// Shapes:
//   - x: [batch, height, width, input]
//   - returns: [batch, height, width, output]
func pointwise(scope *model.Scope, x *Node, output int) *Node {
	weights := variable(scope, x, "weights", x.Shape().Dim(3), output)
	// b batch, h height, w width, i input, o output
	mapped := Einsum("bhwi,io->bhwo", x, weights)
	return Add(mapped, variable(scope, x, "biases", 1, 1, 1, output))
}

// depthwise filters every channel by itself. It is written as the sum over the kernel's places of a
// shifted picture times a weight per channel; XLA makes one loop of it, several times faster on a CPU than its
// grouped convolution.
//
// Shapes:
//   - x: [batch, height, width, channels]
//   - returns: [batch, height/stride, width/stride, channels], rounded up
func depthwise(scope *model.Scope, x *Node, kernel, stride int) *Node {
	height, width, channels := x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	weights := variable(scope, x, "weights", kernel, kernel, channels)
	sum := variable(scope, x, "biases", 1, 1, 1, channels)
	rows, columns := (height+stride-1)/stride, (width+stride-1)/stride
	padded := pad(x, kernel, stride)
	for dy := range kernel {
		for dx := range kernel {
			shifted := Slice(padded, AxisRange(),
				AxisRange(dy, dy+(rows-1)*stride+1).Stride(stride), AxisRange(dx, dx+(columns-1)*stride+1).Stride(stride), AxisRange())
			weight := Reshape(Slice(weights, AxisElem(dy), AxisElem(dx), AxisRange()), 1, 1, 1, channels)
			sum = Add(sum, Mul(shifted, weight))
		}
	}
	return sum
}

// pad adds zeros around a picture as TensorFlow does for "SAME": with a stride of 2 and an even size
// there is one row more at the bottom than at the top, where PyTorch would have equally many.
//
// Shapes:
//   - x: [batch, height, width, channels]
//   - returns: [batch, height+top+bottom, width+left+right, channels]
func pad(x *Node, kernel, stride int) *Node {
	axes := make([]compute.PadAxis, 4)
	for axis := 1; axis <= 2; axis++ {
		size := x.Shape().Dim(axis)
		total := max((size-1)/stride*stride+kernel-size, 0)
		axes[axis] = compute.PadAxis{Start: total / 2, End: total - total/2}
	}
	return Pad(x, ScalarZero(x.Graph(), x.DType()), axes...)
}

// variable is a weight of the frozen network, as a node of x's graph.
func variable(scope *model.Scope, x *Node, name string, dims ...int) *Node {
	return scope.VariableWithShape(name, shapes.Make(x.DType(), dims...)).SetTrainable(false).NodeValue(x.Graph())
}
