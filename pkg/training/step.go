package training

import (
	"slices"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/vlm"
)

// Step is one update of the weights, compiled when it is first used: forward pass, loss, gradient and
// Adam in one graph.
type Step struct {
	backend     compute.Backend
	model       vlm.Model
	config      Config
	store       *model.Store
	exec        *model.Exec
	parts       *division // of a batch, among several devices; nil for one
	added       []string  // the names of what the graph adds to the cross-entropy
	initialized bool
}

// Measured is what a step saw before it changed the weights.
type Measured struct {
	Loss  float64            // cross-entropy, nats a character; what routers add to the loss is not in it
	Parts map[string]float64 // the parts of what was minimized, by name: the cross-entropy and what was added to it
	Loads [][]float64        // [routers][experts]: how many tokens used each expert; empty without experts
}

// NewStep prepares the updates of a model's weights in store.
func NewStep(backend compute.Backend, store *model.Store, m vlm.Model, config Config) (*Step, error) {
	s := &Step{backend: backend, model: m, config: config, store: store}
	var err error
	s.exec, err = model.NewExec(backend, store, s.build)
	return s, err
}

// build is the graph of a step. Its outputs are the loss, the loads of the routers and what was added to the loss.
func (s *Step) build(scope *model.Scope, inputs []*Node) []*Node {
	m, config, g := s.model, s.config, inputs[0].Graph()
	s.store.SetTraining(g, true) // dropout and router noise are on
	images, ids, targets := inputs[0], inputs[1], withFirst(inputs[1], inputs[2], config.PredictFirst)
	image := m.Encode(scope, images)
	loss := vlm.Loss(m.Decode(scope, ids, image), targets)
	measured, total := []*Node{loss}, loss
	parts := map[string]*Node{}
	add := func(name string, part *Node) {
		total = Add(total, part)
		if parts[name] != nil {
			part = Add(parts[name], part)
		}
		parts[name] = part
	}
	for _, routing := range vlm.Routings(scope, g) {
		measured = append(measured, routing.Load())
		if config.BalancingLoss != 0 {
			add("balancing loss", MulScalar(routing.BalancingLoss(), config.BalancingLoss))
		}
		if config.RouterZLoss != 0 {
			add("router z-loss", MulScalar(routing.ZLoss(), config.RouterZLoss))
		}
	}
	if m.ConceptLoss != nil {
		add("concept loss", m.ConceptLoss(scope, image, inputs[3]))
	}
	s.added = sortedKeys(parts)
	for _, name := range s.added {
		measured = append(measured, parts[name])
	}
	if err := freeze(scope, g, config.Frozen); err != nil {
		panic(err) // the call of the graph returns it as an error
	}
	Adam{config.LearningRate, config.WeightDecay, config.CosineSteps}.UpdateGraph(scope, g, total)
	return measured
}

// Run updates the weights once; the batch is used up.
//
// Shapes:
//   - batch: inputs images [batch, height, width, 3] and ids [batch, text], label targets [batch, text]; for a model with a
//     memory also the captions' numbers [batch]
func (s *Step) Run(batch train.Batch) (Measured, error) {
	defer func() { _ = batch.Finalize() }() // nothing can be done about a buffer that is not freed
	if err := s.initialize(batch); err != nil {
		return Measured{}, err
	}
	values, err := s.call(slices.Concat(batch.Inputs, batch.Labels))
	if err != nil {
		return Measured{}, err
	}
	defer func() {
		for _, value := range values {
			value.MustFinalizeAll()
		}
	}()
	loss, added := float64(tensors.ToScalar[float32](values[0])), len(values)-len(s.added)
	measured := Measured{Loss: loss, Parts: map[string]float64{"cross-entropy": loss}}
	for i, name := range s.added {
		measured.Parts[name] = float64(tensors.ToScalar[float32](values[added+i]))
	}
	for _, value := range values[1:added] {
		load, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			return Measured{}, err
		}
		measured.Loads = append(measured.Loads, widen(load))
	}
	return measured, nil
}

// call runs the step on the inputs, where they have to be.
func (s *Step) call(batch []*tensors.Tensor) ([]*tensors.Tensor, error) {
	if s.parts != nil {
		return s.parts.call(s.exec, batch)
	}
	var inputs []any
	for _, input := range batch {
		inputs = append(inputs, input)
	}
	return s.exec.Call(inputs...)
}

func widen(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, value := range values {
		wide[i] = float64(value)
	}
	return wide
}
