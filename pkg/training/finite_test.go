package training

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/captions"
	"seemore/pkg/vlm"
)

// refusal trains and returns the error, which has to be one line with every wanted part.
func refusal(t *testing.T, options Options, wanted ...string) {
	t.Helper()
	_, err := Train(options)
	if err == nil || strings.Contains(err.Error(), "\n") {
		t.Fatalf("error is %v", err)
	}
	for _, want := range wanted {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

// TestLearningRateTooLarge: at 1e6 the losses get huge but stay numbers; at 1e20 they do not, the step is
// named, and the last good checkpoint and the curve stay.
func TestLearningRateTooLarge(t *testing.T) {
	options := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 20)
	options.Config.LearningRate = 1e6
	if _, err := Train(options); err != nil {
		t.Error(err)
	}
	options.Folder = filepath.Join(t.TempDir(), "run")
	options.Config.LearningRate, options.CheckpointEvery = 1e20, 1
	refusal(t, options, "step 1: the cross-entropy is NaN in the batch of ", "the last checkpoint is step 1; try a smaller learning rate than 1e+20")
	trained := MustOpen(options.Folder, nil, options.Backend)
	if name := notFinite(trained.Store); trained.Step != 1 || name != "" {
		t.Errorf("the checkpoint is of step %d, not finite is %q", trained.Step, name)
	}
	if got := len(points(t, options.Folder)); got != 1 {
		t.Errorf("%d points of 1 step", got)
	}
}

// TestPixelThatIsNoNumber: the picture is named, of a batch to learn from and of one to evaluate on.
func TestPixelThatIsNoNumber(t *testing.T) {
	set := colours(t)
	options := tinyOptions(t, set, filepath.Join(t.TempDir(), "run"), 50)
	options.Config.BatchSize = 2
	broken := *options.Train
	broken.Images = slices.Clone(broken.Images)
	broken.Images[2] = slices.Clone(broken.Images[2])
	broken.Images[2][7] = float32(math.NaN())
	whole := options.Train
	options.Train = &broken
	refusal(t, options, "the cross-entropy is NaN because of values that are not finite in "+set.Examples[2].Source+"; ")

	options.Train, options.Folder, options.Steps, options.CheckpointEvery = whole, filepath.Join(t.TempDir(), "run"), 4, 100
	options.Evaluations = []Evaluation{{Name: "held", Dataset: broken.Sequential("held", 2)}}
	refusal(t, options, "step 4: evaluating held: the loss is NaN because of values that are not finite in "+set.Examples[2].Source)
	if trained := MustOpen(options.Folder, nil, options.Backend); trained.Step != 4 {
		t.Errorf("step %d was saved, want 4: the weights are whole", trained.Step)
	}
}

// TestPartThatIsNoNumber: what is added to the loss is named where it is to blame.
func TestPartThatIsNoNumber(t *testing.T) {
	const tooLarge = math.MaxFloat32 // when it is multiplied by more than 1
	for part, change := range map[string]func(*Options){
		"step 0: the balancing loss is +Inf in the batch of ": func(o *Options) { o.Config.BalancingLoss = tooLarge },
		"step 0: the router z-loss is +Inf in the batch of ":  func(o *Options) { o.Config.RouterZLoss = tooLarge },
	} {
		options := tinyMixture(t, filepath.Join(t.TempDir(), "run"), 5)
		change(&options)
		refusal(t, options, part, "there is no checkpoint yet")
	}
	set := colours(t)
	options := tinyOptions(t, set, filepath.Join(t.TempDir(), "run"), 5)
	options.Config, _, _ = Recipe("learns")
	options.Config.BatchSize = 4
	options.Config.Model.Vision = vlm.VisionConfig{ImageSize: 16, PatchSize: 8, EmbedDim: 16, NumBlocks: 3, NumHeads: 1}
	options.Config = options.Config.For("colours", set)
	options.Train = captions.MustEncode(set, options.Config.MustEncoding())
	m := vlm.Layout(options.Config.Model)
	m.ConceptLoss = func(_ *model.Scope, image, _ *Node) *Node { return MulScalar(ReduceAllSum(image), math.NaN()) }
	options.Model = &m
	refusal(t, options, "step 0: the concept loss is NaN in the batch of ")
}

// TestSpoiledWeightsAreNotSaved: the loss of a step says nothing about the weights that come out of it.
func TestSpoiledWeightsAreNotSaved(t *testing.T) {
	options := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 2)
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	options.Steps = 3
	l, err := newLoop(options)
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	const path = "/adam/decoder/head/dense/weights/moment_2"
	variable := l.trained.Store.GetVariable(path)
	if variable == nil {
		t.Fatalf("no %s", path)
	}
	tensors.MustMutableFlatData(variable.MustValue(), func(values []float32) { values[3] = float32(math.Inf(1)) })
	l.trained.Step++
	if err := l.save(); err == nil || !strings.Contains(err.Error(), "after step 2 "+path+" is not finite and is not saved; the last checkpoint is step 2") {
		t.Errorf("error is %v", err)
	}
	if len(listCheckpoints(options.Folder)) != 1 {
		t.Errorf("checkpoints are %v", listCheckpoints(options.Folder))
	}
}
