package training

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/gomlx/gomlx/ml/layers/activation"

	"seemore/pkg/captions"
	"seemore/pkg/efficientnet"
	"seemore/pkg/vlm"
)

// Config says what is trained and on what: everything that decides the result of a run. It is kept
// as config.json in the run's folder and inside every checkpoint.
type Config struct {
	Variant      string     `json:"variant"` // which model: see [Variants]
	Model        vlm.Config `json:"model"`
	BatchSize    int        `json:"batch_size"`
	LearningRate float64    `json:"learning_rate"` // Adam's
	Kaiming      bool       `json:"kaiming"`       // linear weights start Kaiming normal: see [vlm.ParamKaiming]
	Seed         int64      `json:"seed"`          // of the weights, the dropout and the batches
	// BalancingLoss and RouterZLoss are the weights of what every router adds to the loss, see
	// [vlm.Routing]; 0, as in the originals, adds nothing.
	BalancingLoss float64 `json:"balancing_loss"`
	RouterZLoss   float64 `json:"router_z_loss"`
	// What the recipes of this project add; 0, as in the originals, is without.
	Augmentation float64 `json:"augmentation,omitempty"` // of the pictures, see [captions.Augment]
	WeightDecay  float64 `json:"weight_decay,omitempty"` // Adam's, see [Adam]
	CosineSteps  int     `json:"cosine_steps,omitempty"` // the learning rate falls to 0 until then, see [Adam]
	// For training in stages.
	StartedFrom string   `json:"started_from,omitempty"` // a run's folder, whose weights are those of step 0
	Frozen      []string `json:"frozen,omitempty"`       // scopes whose weights stand still, "decoder" for example
	// PredictFirst gives the image's position the first character as its target. The originals give
	// it none, so their model never learns how a caption begins; with it a picture is enough to start.
	PredictFirst bool `json:"predict_first"`
	Data         Data `json:"data"`
	// Parts are fingerprints of parts that were swapped, by name: see show.InForce.
	Parts map[string]string `json:"parts,omitempty"`
}

// Data says what a run was trained on.
type Data struct {
	Path        string             `json:"path"`            // as it was given
	Fingerprint string             `json:"fingerprint"`     // sha256 of the captions and pictures that were learned from; [Train] sets it
	Names       int                `json:"names,omitempty"` // of so many captions, see [captions.Set.WithCaptions]; 0 is all
	Characters  string             `json:"characters"`      // the vocabulary, without <pad>
	TextLength  int                `json:"text_length"`     // every caption is padded to so many characters
	Alpha       captions.AlphaRule `json:"alpha"`           // what stands behind transparent pixels
}

// DefaultConfig is the originals' training: batches of 16, Adam with learning rate 1e-3. The one
// departure is PredictFirst, so that a trained model can caption a picture from nothing.
func DefaultConfig() Config {
	return Config{
		Variant: "seemore", Model: vlm.DefaultConfig(), BatchSize: 16, LearningRate: 1e-3,
		PredictFirst: true,
		Data:         Data{Characters: captions.OriginalVocabulary().Characters(), Alpha: captions.AlphaOverWhite},
	}
}

// DefaultMoEConfig is the original mixture of experts: 8 of them, of which each token uses 2, and
// linear weights that start from Kaiming normal.
func DefaultMoEConfig() Config {
	config := DefaultConfig()
	config.Variant, config.Model, config.Kaiming = "seemoe", config.Model.WithExperts(8, 2), true
	return config
}

// Preset is a training of a given size: "full" is the originals', "tiny" the same model in small, which
// shows in seconds what a change does.
func Preset(size string) (Config, error) {
	config := DefaultConfig()
	switch size {
	case "full":
	case "tiny":
		config.Model = vlm.TinyConfig()
	default:
		return config, fmt.Errorf("size %q is unknown: full or tiny", size)
	}
	return config, nil
}

// MustPreset is Preset for notebook cells: it panics on an error.
func MustPreset(size string) Config {
	config, err := Preset(size)
	if err != nil {
		panic(err)
	}
	return config
}

// Recipe is a training that is meant for pictures that it is not shown, with the steps that it takes:
// "learns" starts from nothing, "frozen" reads the features of an image encoder that was trained on
// ImageNet. README.md has their scores.
func Recipe(name string) (config Config, steps int, err error) {
	config = DefaultConfig()
	config.LearningRate, config.WeightDecay = 3e-3, 0.05
	config.Model.Decoder = vlm.DecoderConfig{VocabSize: 66, ContextLength: 64, EmbedDim: 128, NumBlocks: 2, NumHeads: 4, Dropout: 0.1}
	switch config.Variant = name; name {
	case "learns":
		config.Variant, config.BatchSize, config.CosineSteps = "layout", 100, 1000
		config.Model.Vision = vlm.VisionConfig{ImageSize: 48, PatchSize: 8, EmbedDim: 256, NumBlocks: 3, NumHeads: 1, Dropout: 0.1}
		config.Augmentation = 1
	case "frozen":
		config.BatchSize, config.CosineSteps = 128, 1800
		config.Model.Vision = vlm.VisionConfig{ImageSize: 96, PatchSize: 16, EmbedDim: 256, NumBlocks: 1, NumHeads: 1, Dropout: 0.3,
			Features: efficientnet.FeatureDim}
	default:
		return config, 0, fmt.Errorf("recipe %q is unknown: learns or frozen", name)
	}
	return config, config.CosineSteps, nil
}

// Variants are the models that a run can be of.
var Variants = map[string]func(vlm.Config) vlm.Model{
	"seemore": func(c vlm.Config) vlm.Model {
		feedForward := vlm.MLP(activation.Gelu, 0)
		return vlm.WithClassTokenOnly(vlm.WithCache(vlm.Seemore(c), feedForward), feedForward)
	},
	"frozen": vlm.Frozen,
	"layout": vlm.Layout,
	"staged": func(c vlm.Config) vlm.Model { return vlm.WithCache(vlm.Staged(c), vlm.MLP(activation.Gelu, 0)) },
	"text":   func(c vlm.Config) vlm.Model { return vlm.WithCache(vlm.Text(c), vlm.MLP(activation.Gelu, 0)) },
	"seemoe": func(c vlm.Config) vlm.Model {
		experts, topK := c.Decoder.NumExperts, c.Decoder.TopK
		fetched := vlm.FetchedMoE(vlm.NoisyTopKRouter(experts, topK), experts, topK)
		ofEncoder := vlm.MLP(activation.Relu, c.Vision.Dropout)
		return vlm.WithClassTokenOnly(vlm.WithCache(vlm.SeeMoE(c, vlm.Mixture(c.Decoder)), fetched), ofEncoder)
	},
}

// featuresOf says how many features the variants read that do not see pictures.
var featuresOf = map[string]int{"frozen": efficientnet.FeatureDim, "staged": efficientnet.FeatureDim, "text": 1}

// batches are those that the run learns from.
func (c Config) batches(encoded *captions.Encoded) (*captions.Batches, error) {
	batches, err := encoded.Batches("train", c.BatchSize, c.Seed)
	if err != nil {
		return nil, err
	}
	if vision := c.Model.Vision; vision.Features == 0 && encoded.Size != vision.ImageSize {
		return nil, fmt.Errorf("vision.image_size is %d: the pictures have %dx%[2]d pixels", vision.ImageSize, encoded.Size)
	}
	if longest := c.Model.Decoder.MaxTextLength(); encoded.Length > longest {
		return nil, fmt.Errorf("decoder.context_length %d leaves room for %d characters: the captions have %d", c.Model.Decoder.ContextLength, longest, encoded.Length)
	}
	if c.hasMemory() {
		if n := len(encoded.Set.DistinctCaptions()); n > c.Model.Vision.Concepts {
			return nil, fmt.Errorf("vision.concepts is %d: the data has %d different captions", c.Model.Vision.Concepts, n)
		}
		batches = batches.Numbered()
	}
	return batches.Augmented(c.Augmentation, c.Seed), nil
}

// Encoding is how captions and pictures become tensors for this run.
func (c Config) Encoding() (captions.Encoding, error) {
	vocabulary, err := captions.NewVocabulary(c.Data.Characters)
	if err != nil {
		return captions.Encoding{}, err
	}
	image := captions.ImageOptions{Size: c.Model.Vision.ImageSize, Alpha: c.Data.Alpha}
	return captions.Encoding{Vocabulary: vocabulary, Length: c.Data.TextLength, Image: image}, nil
}

// MustEncoding is Encoding for notebook cells: it panics on an error.
func (c Config) MustEncoding() captions.Encoding {
	encoding, err := c.Encoding()
	if err != nil {
		panic(err)
	}
	return encoding
}

// hasMemory says whether the model keeps the captions apart in a memory, see [vlm.Recall].
func (c Config) hasMemory() bool { return c.Variant == "layout" || c.Variant == "frozen" }

// For fits the configuration to a set of captioned pictures: its name, the length of its longest
// caption, and how many captions a memory has to keep apart.
func (c Config) For(path string, set *captions.Set) Config {
	c.Data.Path, c.Data.TextLength = path, captions.LongestCaption(set)
	if c.hasMemory() {
		c.Model.Vision.Concepts = len(set.DistinctCaptions())
	}
	return c
}

// differences lists the fields in which two configurations disagree, each with both values. Where the
// data lie makes no difference, only what they are.
func (c Config) differences(other Config) []string {
	var found []string
	if mine, others := c.Data.Fingerprint, other.Data.Fingerprint; mine != others {
		found = append(found, fmt.Sprintf("it learned from other captions and pictures: %s (sha256 %.8s) in the run and %s (%.8s) now",
			c.Data.Path, mine, other.Data.Path, others))
	}
	mine, others := c.Settings(), other.Settings()
	for _, field := range sortedKeys(mine) {
		ofData := field == "data.path" || field == "data.fingerprint"
		if !ofData && !reflect.DeepEqual(mine[field], others[field]) {
			found = append(found, fmt.Sprintf("%s is %v in the run and %v now", field, mine[field], others[field]))
		}
	}
	return found
}

// Settings are the configuration's fields by name, "model.vision.embed_dim" for example.
func (c Config) Settings() map[string]any {
	encoded, err := json.Marshal(c)
	if err != nil {
		panic(err) // numbers, strings and booleans always encode
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber() // digits stay as they are, those of a large seed too
	var tree map[string]any
	if err := decoder.Decode(&tree); err != nil {
		panic(err)
	}
	flat := map[string]any{}
	var walk func(prefix string, node map[string]any)
	walk = func(prefix string, node map[string]any) {
		for key, value := range node {
			if branch, ok := value.(map[string]any); ok {
				walk(prefix+key+".", branch)
				continue
			}
			flat[prefix+key] = value
		}
	}
	walk("", tree)
	return flat
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func variantNames() []string { return sortedKeys(Variants) }
