package training

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/vlm"
)

// Run is a run folder that is open: the model and its weights.
type Run struct {
	Folder      string
	Config      Config
	Model       vlm.Model
	Store       *model.Store
	Backend     compute.Backend
	Step        int  // how many updates the weights have had
	Interrupted bool // training was stopped by a signal before its last step
}

// Open loads the newest checkpoint of a run folder. A model that is nil is the variant's own; a run
// of a notebook's own model needs that model again.
func Open(folder string, m *vlm.Model, backend compute.Backend) (*Run, error) {
	config, err := ReadConfig(folder)
	if err != nil {
		return nil, err
	}
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	warn := func(message string) { fmt.Fprintln(os.Stderr, message) }
	run, err := newRun(folder, config, m, backend, warn)
	if err == nil && run.Step == 0 {
		return nil, fmt.Errorf("%s has no checkpoint yet", folder)
	}
	return run, err
}

// MustOpen is Open for notebook cells: it panics on an error.
func MustOpen(folder string, m *vlm.Model, backend compute.Backend) *Run {
	run, err := Open(folder, m, backend)
	if err != nil {
		panic(err)
	}
	return run
}

// newRun fills a store from the newest checkpoint, or seeds it for a new run.
func newRun(folder string, config Config, m *vlm.Model, backend compute.Backend, warn func(string)) (*Run, error) {
	if m == nil {
		own := Variants[config.Variant](config.Model)
		m = &own
	}
	store := model.NewStore()
	store.SetParam(model.RootScopePath+vlm.ParamKaiming, config.Kaiming)
	step, err := loadCheckpoint(store, folder, warn)
	if err != nil {
		return nil, err
	}
	if step == 0 { // a checkpoint brings its random state along
		if err := store.SetRNGStateFromSeed(config.Seed); err != nil {
			return nil, err
		}
	}
	return &Run{Folder: folder, Config: config, Model: *m, Store: store, Backend: backend, Step: step}, nil
}

// Caption writes a caption for each picture with the run's weights.
//
// Shapes:
//   - images: float32 [pictures][height*width*3], see [captions.Pixels]
func (r *Run) Caption(images [][]float32, sampling vlm.Sampling) ([]string, error) {
	return r.caption(images, sampling, nil)
}

// MustCaptionLogits is [Run.MustCaption], and for each caption the logits [vocab] that each of its characters
// and the end were chosen from.
func (r *Run) MustCaptionLogits(images [][]float32, sampling vlm.Sampling) ([]string, [][][]float32) {
	logits := make([][][]float32, len(images))
	written, err := r.caption(images, sampling, func(row, _ int, scores []float32) {
		logits[row] = append(logits[row], slices.Clone(scores))
	})
	if err != nil {
		panic(err)
	}
	return written, logits
}

func (r *Run) caption(images [][]float32, sampling vlm.Sampling, step vlm.Step) ([]string, error) {
	vocabulary, err := captions.NewVocabulary(r.Config.Data.Characters)
	if err != nil {
		return nil, err
	}
	sampling.StopID = vocabulary.PadID()
	generator, err := vlm.NewGenerator(r.Backend, r.Store, r.Model, r.Config.Data.TextLength)
	if err != nil {
		return nil, err
	}
	inputs, err := r.Config.inputs(images, r.Backend)
	if err != nil {
		return nil, err
	}
	known := r.variables()
	texts, err := generator.Generate(inputs, sampling, step)
	if err != nil {
		return nil, err
	}
	if r.Step > 0 {
		for path := range r.variables() {
			if !known[path] {
				return nil, fmt.Errorf("%s was trained with another model: its checkpoint lacks %s", r.Folder, path)
			}
		}
	}
	written := make([]string, len(texts))
	for i, ids := range texts {
		written[i] = vocabulary.Decode(slices.Clone(ids))
	}
	return written, nil
}

func (r *Run) variables() map[string]bool {
	paths := map[string]bool{}
	for variable := range r.Store.IterVariables() {
		paths[variable.Path()] = true
	}
	return paths
}

// Observe runs the model on pictures and the texts so far and returns its inner values by name:
// whatever the model marks with [vlm.Observe], "/vision_transformer/block_0/.../attention_weights"
// for example.
//
// Shapes:
//   - images: float32 [pictures][height*width*3]
//   - ids: [pictures][text]
func (r *Run) Observe(images [][]float32, ids [][]int32) (map[string]*tensors.Tensor, error) {
	r.Store.SetParam(model.RootScopePath+vlm.ParamObserve, true)
	defer r.Store.SetParam(model.RootScopePath+vlm.ParamObserve, false)
	exec, err := model.NewExec(r.Backend, r.Store, r.Model.Forward)
	if err != nil {
		return nil, err
	}
	defer exec.Finalize()
	observed := map[string]*tensors.Tensor{}
	exec.SetNodeLogger(func(_ *graph.Graph, names []string, values []*tensors.Tensor, _ []graph.NodeId) {
		for i, name := range names {
			observed[name] = values[i]
		}
	})
	inputs, err := r.Config.inputs(images, r.Backend)
	if err != nil {
		return nil, err
	}
	dims := append([]int{len(images)}, r.Config.Model.Vision.InputDims()...)
	_, err = exec.Call1(
		tensors.FromFlatDataAndDimensions(slices.Concat(inputs...), dims...),
		tensors.FromFlatDataAndDimensions(slices.Concat(ids...), len(ids), len(ids[0])))
	return observed, err
}

// MustObserve is Observe for notebook cells: it panics on an error.
func (r *Run) MustObserve(images [][]float32, ids [][]int32) map[string]*tensors.Tensor {
	observed, err := r.Observe(images, ids)
	if err != nil {
		panic(err)
	}
	return observed
}

// MustCaption is Caption for notebook cells: it panics on an error.
func (r *Run) MustCaption(images [][]float32, sampling vlm.Sampling) []string {
	written, err := r.Caption(images, sampling)
	if err != nil {
		panic(err)
	}
	return written
}

// MustOpenLatest opens the newest run of a name for a notebook cell, with the model that build makes
// of the run's sizes; it panics on an error. It prints which run and which backend.
func MustOpenLatest(name string, build func(vlm.Config) vlm.Model) *Run {
	folder, err := LatestFolder(name)
	if err != nil {
		panic(err)
	}
	config, err := ReadConfig(folder)
	if err != nil {
		panic(err)
	}
	opened, _, err := backend.Open("")
	if err != nil {
		panic(err)
	}
	m := build(config.Model)
	run := MustOpen(folder, &m, opened)
	fmt.Printf("run %s after %d steps\n", filepath.Base(folder), run.Step)
	return run
}
