package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// Router decides for every token which experts work on it and how much each of them counts.
//
// Shapes:
//   - tokens: [tokens, embed]
//   - returns: gates [tokens, experts]; each row sums to 1 and is 0 for the experts that are not used
type Router func(scope *model.Scope, tokens *Node) *Node

// NoisyTopKRouter uses the topK experts with the largest scores: softmax over those, zero for the
// others.
//
// While training each score gets noise whose size is learned too, so that experts near the border
// are tried. The originals add it in evaluation as well; here evaluation is deterministic.
func NoisyTopKRouter(numExperts, topK int) Router {
	return func(scope *model.Scope, tokens *Node) *Node {
		logits := Linear(scope.In("logits"), tokens, numExperts, true)
		spread := Softplus(Linear(scope.In("noise"), tokens, numExperts, true))
		if noise := RouterNoise(scope, logits); noise != nil {
			logits = Add(logits, Mul(noise, spread))
		}
		chosen := LargestMask(StopGradient(logits), topK)
		gates := MaskedSoftmax(logits, chosen, -1)
		RecordRouting(scope, logits, gates)
		return gates
	}
}

// paramNoise is the graph parameter by which [SetRouterNoise] hands noise to a router.
const paramNoise = "router_noise"

// SetRouterNoise makes the router at scope use the given noise instead of its own, in training and
// in evaluation: for comparisons with other implementations.
//
// Shapes:
//   - noise: as many numbers as [tokens, experts]
func SetRouterNoise(scope *model.Scope, noise *Node) {
	scope.SetGraphParam(noise.Graph(), paramNoise, noise)
}

// RouterNoise is standard normal noise for the logits of the router at scope while training, the
// noise that was given (see [SetRouterNoise]), or nil for none.
//
// Shapes:
//   - logits: [tokens, experts]
//   - returns: the same
func RouterNoise(scope *model.Scope, logits *Node) *Node {
	g := logits.Graph()
	if given, found := scope.GetGraphParam(g, paramNoise); found {
		return Reshape(given.(*Node), logits.Shape().Dimensions...)
	}
	if !scope.IsTraining(g) {
		return nil
	}
	return scope.RandomNormal(g, shapes.Make(dtypes.Float32, logits.Shape().Dimensions...))
}
