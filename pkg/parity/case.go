package parity

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// testCase is a case folder that has been read.
type testCase struct {
	folder   string
	config   caseConfig
	content  []byte                    // config.json
	weights  map[string]weights.Tensor // PyTorch's parameters
	tensors  map[string]weights.Tensor // in.*, out.*, grad.*, final.*
	compared map[string]bool           // names of tensors
	results  []Result
}

// caseConfig is the part of config.json that several kinds share; [testCase.decode] reads the rest.
type caseConfig struct {
	Name       string
	Kind       string
	SourceFile string `json:"source_file"`
	Class      string
	Ctor       ctor
	Mode       string
	CSV        string
	Inputs     map[string]declared
	Outputs    map[string]declared
	Tolerance  map[string]json.RawMessage `json:"tolerance_abs"`
	Trimmed    map[string]struct {
		StoredRows int `json:"stored_rows"`
	}
	WeightsFrom string `json:"weights_from"`
}

// kinds are the runners of each kind of case.
var kinds = map[string]func(*testCase, compute.Backend) error{
	"module": (*testCase).runModel, "model": (*testCase).runModel, "train": (*testCase).runTrain,
	"generate": (*testCase).runGenerate, "images": (*testCase).runImages, "get_batch": (*testCase).runBatches,
	"init_stats": (*testCase).runInitStats, "curves": (*testCase).runCurves,
}

// Run reads a case, computes what it asks for and compares every result that it has. A folder that is
// damaged, of an unknown kind, or has results that nothing compares is an error; then the results are
// those before it.
//
// A case of a whole model can be put to a model of the caller's own: build makes it of the case's
// sizes. With nil it is the package's, [vlm.Seemore] or [vlm.SeeMoE].
func Run(opened compute.Backend, folder string, build func(vlm.Config) vlm.Model) (results []Result, err error) {
	c, err := readCase(folder)
	if err != nil {
		return nil, err
	}
	if build != nil && !slices.Contains(wholeModels, c.config.Class) {
		return nil, fmt.Errorf("config.json: the case is of a %q, not of a whole model: %s", c.config.Class, strings.Join(wholeModels, ", "))
	}
	c.config.Ctor.build = build
	defer func() {
		results = c.results
		// Graph building panics with the reason where shapes do not fit.
		if caught := recover(); caught != nil {
			err = fmt.Errorf("config.json asks for what cannot be computed: %v", caught)
		}
		err = oneLine(err)
	}()
	if err := kinds[c.config.Kind](c, opened); err != nil {
		return nil, err
	}
	return nil, c.checkAllCompared()
}

// oneLine joins the lines of an error, without the stack trace that graph building may add.
func oneLine(err error) error {
	if err == nil {
		return nil
	}
	message, _, _ := strings.Cut(err.Error(), "\ngoroutine ")
	return errors.New(strings.ReplaceAll(message, "\n", "; "))
}

// readCase reads config.json and whatever tensors the folder has, and compares the two.
func readCase(folder string) (*testCase, error) {
	c := &testCase{folder: folder, compared: map[string]bool{}}
	var err error
	if c.content, err = readSmall(c.path("config.json")); err != nil {
		return nil, err
	}
	if err := c.decode(&c.config); err != nil {
		return nil, err
	}
	if kinds[c.config.Kind] == nil {
		return nil, fmt.Errorf("config.json: kind %q is unknown", c.config.Kind)
	}
	if c.config.Name == "" {
		c.config.Name = filepath.Base(filepath.Clean(folder))
	}
	weightsFolder := folder
	if c.config.WeightsFrom != "" {
		weightsFolder = filepath.Join(folder, "..", filepath.Base(c.config.WeightsFrom))
	}
	if c.weights, err = readTensors(filepath.Join(weightsFolder, "weights.safetensors")); err != nil {
		return nil, err
	}
	if c.tensors, err = readTensors(c.path("io.safetensors")); err != nil {
		return nil, err
	}
	return c, c.checkDeclared()
}

func (c *testCase) path(name string) string { return filepath.Join(c.folder, name) }

// decode reads config.json.
func (c *testCase) decode(into any) error {
	if err := json.Unmarshal(c.content, into); err != nil {
		return fmt.Errorf("config.json: %w", err)
	}
	return nil
}

// readJSON reads another JSON file of the folder.
func (c *testCase) readJSON(name string, into any) error {
	content, err := readSmall(c.path(filepath.Base(name)))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// readSmall reads a file that people can read; no case has one that is near the limit.
func readSmall(path string) ([]byte, error) {
	const most = 256 << 10
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s is missing or cannot be read: %w", filepath.Base(path), errors.Unwrap(err))
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return nil, fmt.Errorf("%s is no file of at most %d bytes", filepath.Base(path), most)
	}
	return os.ReadFile(path)
}

// tensor is a tensor of the case, which must be there.
func (c *testCase) tensor(name string) (weights.Tensor, error) {
	tensor, found := c.tensors[name]
	if !found {
		return tensor, fmt.Errorf("io.safetensors has no %s", name)
	}
	return tensor, nil
}

// brokenAlgorithm are results of the originals' generate, which is known to be wrong.
var brokenAlgorithm = []string{"out.tokens_seed_generate", "out.probs_seed_generate"}

// checkAllCompared reports a case that compares nothing, or leaves out a result that it has.
func (c *testCase) checkAllCompared() error {
	if len(c.results) == 0 {
		return errors.New("config.json: the case compares nothing")
	}
	for _, name := range brokenAlgorithm {
		c.compared[name] = true
	}
	for _, name := range sortedKeys(c.tensors) {
		if !c.compared[name] && !strings.HasPrefix(name, "in.") {
			return fmt.Errorf("io.safetensors has %s, but nothing in config.json produces it", name)
		}
	}
	return nil
}
