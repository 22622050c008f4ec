package vlm

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// NoisyTopKRouter decides for every token which experts work on it and how much each counts: the
// topK largest scores, softmax over those, zero for the others.
//
// While training each score gets noise whose size is learned too, so that experts near the border
// are tried. The originals add it in evaluation as well; here evaluation is deterministic.
//
// Shapes:
//   - x: [tokens, embed]
//   - returns: gates [tokens, experts]; each row sums to 1 and has topK numbers that are not 0
func NoisyTopKRouter(scope *model.Scope, x *Node, numExperts, topK int) *Node {
	logits := Linear(scope.In("logits"), x, numExperts, true)
	spread := softplus(Linear(scope.In("noise"), x, numExperts, true))
	if noise := routerNoise(scope, logits); noise != nil {
		logits = Add(logits, Mul(noise, spread))
	}
	chosen := TopKMask(StopGradient(logits), topK, -1)
	gates := MaskedSoftmax(logits, chosen, -1)
	Observe(scope, "gates", gates)
	return gates
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

// routerNoise is the noise that was given, or standard normal noise while training, or nil.
func routerNoise(scope *model.Scope, logits *Node) *Node {
	g := logits.Graph()
	if given, found := scope.GetGraphParam(g, paramNoise); found {
		return Reshape(given.(*Node), logits.Shape().Dimensions...)
	}
	if !scope.IsTraining(g) {
		return nil
	}
	return scope.RandomNormal(g, shapes.Make(dtypes.Float32, logits.Shape().Dimensions...))
}

// softplus is log(1+exp(x)), without overflow.
func softplus(x *Node) *Node {
	return Add(MaxScalar(x, 0), Log1P(Exp(Neg(Abs(x)))))
}
