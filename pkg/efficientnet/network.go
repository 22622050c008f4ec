package efficientnet

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// FeatureMap is the network up to the last convolution: for every place of a coarse grid, how much it
// shows of each of 1280 features, 0 to 6.
//
// Shapes:
//   - x: [batch, height, width, 3], in the network's range, see [Input]
//   - returns: [batch, height/32, width/32, 1280], rounded up
func FeatureMap(scope *model.Scope, x *Node) *Node {
	x = relu6(convolution(scope.In("stem"), x, 3, 2, stemWidth))
	for i, sizes := range blocks() {
		x = block(scope.In("block_%d", i), x, sizes)
	}
	return relu6(pointwise(scope.In("head"), x, FeatureDim))
}

// Pool says how much the whole picture shows of each feature: the mean over all places.
//
// Shapes:
//   - features: [batch, height, width, 1280]
//   - returns: [batch, 1280]
func Pool(features *Node) *Node {
	return ReduceMean(features, 1, 2)
}

// block is a mobile inverted bottleneck: a 1x1 convolution widens every place, a depthwise one looks
// at its neighbours, each channel by itself, a 1x1 convolution narrows again. Only the wide vectors pass a
// non-linearity. Where size and width stay the same, the input is added.
//
// Shapes:
//   - x: [batch, height, width, input]
//   - returns: [batch, height/stride, width/stride, output], rounded up
func block(scope *model.Scope, x *Node, sizes blockSizes) *Node {
	hidden := x
	if sizes.hidden != sizes.input {
		hidden = relu6(pointwise(scope.In("expand"), x, sizes.hidden))
	}
	hidden = relu6(depthwise(scope.In("depthwise"), hidden, sizes.kernel, sizes.stride))
	out := pointwise(scope.In("project"), hidden, sizes.output)
	if sizes.stride == 1 && sizes.input == sizes.output {
		out = Add(out, x)
	}
	return out
}

// relu6 is ReLU cut off at 6, which small number formats can hold.
func relu6(x *Node) *Node { return ClipScalar(x, 0, 6) }
