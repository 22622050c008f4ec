package parity

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/captions"
	"seemore/pkg/vlm"
)

// curvesConfig is the part of config.json about loss curves.
type curvesConfig struct {
	Copies    int
	Rows      int
	RowsTrain int `json:"rows_train"`
	RowsVal   int `json:"rows_val"`
	Captions  []string
	Settings  struct {
		BatchSize int `json:"batch_size"`
		MaxIters  int `json:"max_iters"`
		Dense     ctor
		MoE       ctor
	}
	Runs []curve
}

// curve is one training of the originals.
type curve struct {
	Model   string
	Seed    int64
	Losses  []float64
	ValLoss float64 `json:"val_loss"`
}

// runCurves does what is quick: the data must be what config.json says, the curves sound, and our
// models' loss before any update where the originals' is. Training for a hundred steps and looking
// at the curve is for scripts/bench.sh and the notebooks.
func (c *testCase) runCurves(opened compute.Backend) error {
	var config curvesConfig
	if err := c.decode(&config); err != nil {
		return err
	}
	set, err := c.csv()
	if err != nil {
		return err
	}
	first, _ := set.Repeat(max(1, min(config.Copies, 1<<10))).SplitAt(0.9)
	c.record("rows and captions", disagreements(slices.Equal(set.Captions(), config.Captions),
		set.Len()*config.Copies == config.Rows, first.Len() == config.RowsTrain, config.Rows-config.RowsTrain == config.RowsVal), 0)
	if err := c.initialLoss(opened, config, "dense", "VisionLanguageModel", config.Settings.Dense, set); err != nil {
		return err
	}
	return c.initialLoss(opened, config, "moe", "VisionMoELanguageModel", config.Settings.MoE, set)
}

// sound reports a curve that is cut or not of finite numbers.
func (run curve) sound(steps int) error {
	if len(run.Losses) != steps || steps == 0 {
		return fmt.Errorf("config.json: %s seed %d has %d losses: max_iters is %d", run.Model, run.Seed, len(run.Losses), steps)
	}
	for i, loss := range append(slices.Clone(run.Losses), run.ValLoss) {
		if !(loss >= 0) || math.IsInf(loss, 0) {
			return fmt.Errorf("config.json: %s seed %d loss %d is %v", run.Model, run.Seed, i, loss)
		}
	}
	return nil
}

// initialLoss compares the first loss of a new model of ours with the recorded ones: at most a
// quarter outside of their range.
func (c *testCase) initialLoss(opened compute.Backend, config curvesConfig, name, class string, arguments ctor, set *captions.Set) error {
	var losses []float64
	for _, run := range config.Runs {
		if run.Model != name {
			continue
		}
		if err := run.sound(config.Settings.MaxIters); err != nil {
			return err
		}
		losses = append(losses, run.Losses[0])
	}
	if len(losses) == 0 {
		return fmt.Errorf("config.json: no run of the model %s", name)
	}
	if _, err := newClass(caseConfig{SourceFile: "seeMoE.py", Class: class, Ctor: arguments}); err != nil {
		return err
	}
	loss, err := firstLoss(opened, arguments, config.Settings.BatchSize, set)
	if err != nil {
		return err
	}
	low, high := slices.Min(losses)*0.75, slices.Max(losses)*1.25
	c.record("initial loss "+name+" (from the middle of the range)", math.Abs(loss-(low+high)/2), (high-low)/2)
	return nil
}

// firstLoss is the loss of a model before any update, on one batch.
func firstLoss(opened compute.Backend, arguments ctor, batch int, set *captions.Set) (float64, error) {
	if batch < 1 || batch > 1<<10 {
		return 0, fmt.Errorf("config.json: batch_size is %d: from 1 to %d", batch, 1<<10)
	}
	rows := set.Repeat((batch + set.Len() - 1) / set.Len()).Take(batch)
	encoded, err := captions.Encode(rows, captions.Encoding{
		Vocabulary: captions.OriginalVocabulary(), Length: captions.LongestCaption(rows),
		Image: captions.ImageOptions{Size: arguments.ImgSize, Alpha: captions.AlphaDrop},
	})
	if err != nil {
		return 0, err
	}
	store, err := initialised(opened, arguments, 0)
	if err != nil {
		return 0, err
	}
	forward := arguments.variant().Forward
	loss, err := model.CallOnce(opened, store, func(scope *model.Scope, images, ids, targets *graph.Node) *graph.Node {
		return vlm.Loss(forward(scope, images, ids), targets)
	},
		tensors.FromFlatDataAndDimensions(slices.Concat(encoded.Images...), batch, arguments.ImgSize, arguments.ImgSize, 3),
		tensors.FromFlatDataAndDimensions(slices.Concat(encoded.IDs...), batch, encoded.Length),
		tensors.FromFlatDataAndDimensions(slices.Concat(encoded.Targets...), batch, encoded.Length))
	if err != nil {
		return 0, err
	}
	return float64(tensors.ToScalar[float32](loss)), nil
}
