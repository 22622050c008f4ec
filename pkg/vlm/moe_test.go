package vlm

import (
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
)

// givenGates is a router that has decided already, by hand.
func givenGates(gates [][]float32) Router {
	return func(scope *model.Scope, tokens *Node) *Node {
		g := Const(tokens.Graph(), gates)
		RecordRouting(scope, g, g)
		return g
	}
}

// evaluate runs a feed-forward on x and returns its result and the gradient of the sum of its squares
// with respect to x and to every variable, by name. Both forms start from the same weights: variables
// of the same seed, made in the same order.
func evaluate(t *testing.T, backend compute.Backend, feedForward FeedForward, tokens, embed int) (names []string, values []*tensors.Tensor) {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(5); err != nil {
		t.Fatal(err)
	}
	fill := func(scope *model.Scope, g *Graph) *Node { return feedForward(scope, ramp(g, 1, tokens, embed)) }
	if _, err := model.CallOnce(backend, store, fill); err != nil {
		t.Fatal(err)
	}
	values, err := model.CallOnceN(backend, store, func(scope *model.Scope, g *Graph) []*Node {
		x := ramp(g, 1, tokens, embed)
		y := feedForward(scope, x)
		nodes := []*Node{x}
		for variable := range store.IterVariables() {
			if variable.Trainable && variable.InUseByGraph(g) {
				names, nodes = append(names, variable.Path()), append(nodes, variable.NodeValue(g))
			}
		}
		return append([]*Node{y}, Gradient(ReduceAllSum(Square(y)), nodes...)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{"y", "x"}, names...), values
}

func TestGroupedEqualsPlain(t *testing.T) {
	even := [][]float32{{.5, .5, 0, 0}, {0, .25, .75, 0}, {0, 0, .5, .5}, {.9, 0, 0, .1}}
	var one, many [][]float32
	for range 100 { // everybody wants expert 2; expert 0 gets nothing
		many, one = append(many, []float32{0, 0, .7, .3}), append(one, []float32{0, 0, 1, 0})
	}
	for _, test := range []struct {
		name   string
		router Router
		tokens int
		topK   int
	}{
		{"learned, top 2 of 4", NoisyTopKRouter(4, 2), 37, 2},
		{"learned, top 1 of 8", NoisyTopKRouter(8, 1), 200, 1},
		{"learned, all of 3", NoisyTopKRouter(3, 3), 5, 3},
		{"learned, top 2 of 64", NoisyTopKRouter(64, 2), 70, 2},
		{"one expert", NoisyTopKRouter(1, 1), 9, 1},
		{"one token", NoisyTopKRouter(8, 2), 1, 2},
		{"even by hand", givenGates(even), 4, 2},
		{"two experts do all", givenGates(many), 100, 2},
		{"one expert does all", givenGates(one), 100, 1},
		{"fewer experts than allowed", givenGates(one), 100, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			names, want := evaluate(t, testBackend(t), SparseMoE(test.router, 0), test.tokens, 8)
			_, got := evaluate(t, testBackend(t), GroupedMoE(test.router, test.topK, 0), test.tokens, 8)
			if len(got) != len(want) {
				t.Fatalf("%d results, want %d", len(got), len(want))
			}
			for i := range want {
				if !got[i].InDelta(want[i], 1e-4) {
					t.Errorf("%s differs: got %v, want %v", names[i], got[i], want[i])
				}
			}
		})
	}
}

// TestGroupedEqualsPlainOnXLA: experts whose tokens run over into further blocks, which XLA adds up in
// another way than the Go backend.
func TestGroupedEqualsPlainOnXLA(t *testing.T) {
	xla, _, err := backend.Open("xla:cpu")
	if err != nil {
		t.Skip(err)
	}
	defer xla.Finalize()
	var gates [][]float32
	for i := range 300 { // experts 1 and 2 get nearly everything
		row := []float32{0, .7, .3, 0}
		if i%50 == 0 {
			row = []float32{.4, 0, .6, 0}
		}
		gates = append(gates, row)
	}
	names, want := evaluate(t, xla, SparseMoE(givenGates(gates), 0), len(gates), 8)
	_, got := evaluate(t, xla, GroupedMoE(givenGates(gates), 2, 0), len(gates), 8)
	for i := range want {
		if !got[i].InDelta(want[i], 1e-3) {
			t.Errorf("%s differs: got %v, want %v", names[i], got[i], want[i])
		}
	}
}

func TestOneExpertIsAnMLP(t *testing.T) {
	names, want := evaluate(t, testBackend(t), func(scope *model.Scope, x *Node) *Node {
		mixture := scope.In("mixture")
		y := GroupedMoE(NoisyTopKRouter(1, 1), 1, 0)(mixture, x)
		take := func(name string) *Node {
			weights := scope.Store().GetVariable("/mixture/experts/" + name)
			return Squeeze(weights.NodeValue(x), 0)
		}
		hidden := activation.Relu(Add(Einsum("bti,io->bto", x, take("widen/weights")), InsertAxes(take("widen/biases"), 0, 0)))
		mlp := Add(Einsum("bti,io->bto", hidden, take("narrow/weights")), InsertAxes(take("narrow/biases"), 0, 0))
		return Sub(y, mlp)
	}, 6, 8)
	if zero := tensors.FromShape(want[0].Shape()); names[0] != "y" || !want[0].InDelta(zero, 1e-5) {
		t.Errorf("a mixture of one expert differs from that expert by %v", want[0])
	}
}

func TestRouter(t *testing.T) {
	const tokens, experts, topK = 50, 8, 3
	gates := build(t, func(scope *model.Scope, g *Graph) *Node {
		return NoisyTopKRouter(experts, topK)(scope, ramp(g, tokens, 16))
	}).Value().([][]float32)
	for i, row := range gates {
		sum, used := 0.0, 0
		for _, gate := range row {
			if sum += float64(gate); gate != 0 {
				used++
			}
		}
		if used != topK || math.Abs(sum-1) > 1e-6 {
			t.Errorf("token %d uses %d experts, want %d; its gates sum to %v", i, used, topK, sum)
		}
	}
}

// TestRouterNoise: noise while training only, and a gradient for both of the router's matrices then.
func TestRouterNoise(t *testing.T) {
	run := func(training bool) [][]float32 {
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(1); err != nil {
			t.Fatal(err)
		}
		exec := model.MustNewExec(testBackend(t), store, func(scope *model.Scope, g *Graph) []*Node {
			store.SetTraining(g, training)
			gates := NoisyTopKRouter(8, 2)(scope, ramp(g, 20, 16))
			target := ramp(g, 20, 8)
			gradients := Gradient(ReduceAllSum(Mul(gates, target)),
				store.GetVariable("/logits/dense/weights").NodeValue(g), store.GetVariable("/noise/dense/weights").NodeValue(g))
			return []*Node{Reshape(gates, -1), ReduceAllMax(Abs(gradients[0])), ReduceAllMax(Abs(gradients[1]))}
		})
		var gates [][]float32
		for range 2 {
			values := exec.MustCall()
			gates = append(gates, tensors.MustCopyFlatData[float32](values[0]))
			logits, noise := tensors.ToScalar[float32](values[1]), tensors.ToScalar[float32](values[2])
			if logits == 0 || (noise != 0) != training {
				t.Errorf("training %v: gradient of the logits' matrix %v, of the noise's %v", training, logits, noise)
			}
		}
		return gates
	}
	if gates := run(false); fmt.Sprint(gates[0]) != fmt.Sprint(gates[1]) {
		t.Error("evaluation is not deterministic")
	}
	if gates := run(true); fmt.Sprint(gates[0]) == fmt.Sprint(gates[1]) {
		t.Error("training has no noise")
	}
}

// TestRoutingByHand: load and losses of routings that can be worked out.
func TestRoutingByHand(t *testing.T) {
	ln := func(p ...float32) []float32 {
		for i := range p {
			p[i] = float32(math.Log(float64(p[i])))
		}
		return p
	}
	for _, test := range []struct {
		name          string
		logits, gates [][]float32
		load          []float32
		balancing, z  float64
	}{
		{"even", [][]float32{ln(.5, .5), ln(.5, .5)}, [][]float32{{1, 0}, {0, 1}}, []float32{1, 1}, 1, 0},
		{"collapsed", [][]float32{ln(.99, .01), ln(.99, .01)}, [][]float32{{1, 0}, {1, 0}}, []float32{2, 0}, 2 * .99, 0},
		// 2 x (2/4 x 1/3 + 2/4 x 2/3); log of the sum of exponentials is ln 3, then ln 6.
		{"top 2 of 2", [][]float32{ln(1, 2), ln(2, 4)}, [][]float32{{.3, .7}, {.3, .7}}, []float32{2, 2}, 1,
			(math.Pow(math.Log(3), 2) + math.Pow(math.Log(6), 2)) / 2},
		// 3 x (3/4 x 0.6 + 1/4 x 0.3 + 0)
		{"uneven", [][]float32{ln(.6, .3, .1), ln(.6, .3, .1), ln(.6, .3, .1), ln(.6, .3, .1)},
			[][]float32{{1, 0, 0}, {1, 0, 0}, {1, 0, 0}, {0, 1, 0}}, []float32{3, 1, 0}, 3 * (.75*.6 + .25*.3), 0},
	} {
		got, err := model.CallOnceN(testBackend(t), model.NewStore(), func(_ *model.Scope, g *Graph) []*Node {
			routing := Routing{Logits: Const(g, test.logits), Gates: Const(g, test.gates)}
			return []*Node{routing.Load(), routing.BalancingLoss(), routing.ZLoss()}
		})
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got[0].Value()) != fmt.Sprint(test.load) {
			t.Errorf("%s: load is %v, want %v", test.name, got[0], test.load)
		}
		for i, want := range []float64{test.balancing, test.z} {
			if value := float64(tensors.ToScalar[float32](got[1+i])); math.Abs(value-want) > 1e-5 {
				t.Errorf("%s: loss %d is %v, want %v", test.name, i, value, want)
			}
		}
	}
}

// TestBalancingGradient: the loss pushes the scores of the expert with most tokens down.
func TestBalancingGradient(t *testing.T) {
	gradient := build(t, func(_ *model.Scope, g *Graph) *Node {
		logits := Const(g, [][]float32{{1, 0}, {1, 0}, {0, 1}})
		routing := Routing{Logits: logits, Gates: Const(g, [][]float32{{1, 0}, {1, 0}, {0, 1}})}
		return Gradient(routing.BalancingLoss(), logits)[0]
	}).Value().([][]float32)
	for i, row := range gradient {
		if row[0] <= 0 || row[1] >= 0 {
			t.Errorf("token %d: gradient %v, want more than 0 for the busy expert and less for the other", i, row)
		}
	}
}

// TestNothingThatIsWrongHides: a router that gives no number makes a result that is no number.
func TestNothingThatIsWrongHides(t *testing.T) {
	broken := func(_ *model.Scope, tokens *Node) *Node {
		return BroadcastToShape(Const(tokens.Graph(), float32(math.NaN())), shapes.Make(dtypes.Float32, 5, 4))
	}
	for name, feedForward := range map[string]FeedForward{"plain": SparseMoE(broken, 0), "grouped": GroupedMoE(broken, 2, 0)} {
		value := build(t, func(scope *model.Scope, g *Graph) *Node { return feedForward(scope, ramp(g, 1, 5, 8)) })
		for _, x := range tensors.MustCopyFlatData[float32](value) {
			if !math.IsNaN(float64(x)) {
				t.Fatalf("%s: %v came out of a router that is broken", name, x)
			}
		}
	}
}
