package parity

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"seemore/pkg/weights"
)

// declared is what config.json says about a tensor, or about a group of them ("grad.<parameter>").
type declared struct {
	Shape   json.RawMessage // a list, or words for a group
	DType   string
	Tensors int // how many there are in a group
}

// checkDeclared compares the tensors of the folder with what config.json lists: a file that is
// missing, cut or of another case shows here.
func (c *testCase) checkDeclared() error {
	for _, list := range []map[string]declared{c.config.Inputs, c.config.Outputs} {
		for _, name := range sortedKeys(list) {
			if prefix, _, group := strings.Cut(name, "<"); group {
				if got := len(c.withPrefix(prefix)); got != list[name].Tensors {
					return fmt.Errorf("io.safetensors has %d tensors %s: config.json says %d", got, name, list[name].Tensors)
				}
				continue
			}
			if err := c.checkTensor(name, list[name]); err != nil {
				return err
			}
		}
	}
	var rest struct {
		Weights *struct{ Tensors, Elements int }
	}
	if err := c.decode(&rest); err != nil || rest.Weights == nil {
		return err
	}
	elements := 0
	for _, tensor := range c.weights {
		elements += size(tensor.Shape)
	}
	if len(c.weights) != rest.Weights.Tensors || elements != rest.Weights.Elements {
		return fmt.Errorf("weights.safetensors has %d tensors of %d numbers: config.json says %d of %d",
			len(c.weights), elements, rest.Weights.Tensors, rest.Weights.Elements)
	}
	return nil
}

// checkTensor compares one tensor with its declaration.
func (c *testCase) checkTensor(name string, want declared) error {
	tensor, err := c.tensor(name)
	if err != nil {
		return err
	}
	var shape []int
	if err := json.Unmarshal(want.Shape, &shape); err != nil {
		return fmt.Errorf("config.json: shape of %s: %w", name, err)
	}
	if !slices.Equal(shape, tensor.Shape) || want.DType != tensor.DType() {
		return fmt.Errorf("io.safetensors: %s is %s %v: config.json says %s %v", name, tensor.DType(), tensor.Shape, want.DType, shape)
	}
	return nil
}

// withPrefix lists the tensors whose names begin like that.
func (c *testCase) withPrefix(prefix string) []string {
	return slices.DeleteFunc(sortedKeys(c.tensors), func(name string) bool { return !strings.HasPrefix(name, prefix) })
}

// readTensors reads a safetensors file or, where there is only that, its gzip; without either the
// set is empty, and whoever needs a tensor reports it.
func readTensors(path string) (map[string]weights.Tensor, error) {
	tensors, err := weights.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		tensors, err = readGzip(path + ".gz")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]weights.Tensor{}, nil
	}
	if err != nil {
		message := strings.TrimPrefix(err.Error(), path+": ")
		return nil, fmt.Errorf("%s: %s", filepath.Base(path), message)
	}
	return tensors, nil
}

// readGzip unpacks a file in memory, up to a size that says it is no case.
func readGzip(path string) (map[string]weights.Tensor, error) {
	const most = 64 << 20
	packed, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	var content bytes.Buffer
	if n, err := io.Copy(&content, io.LimitReader(unpacked, most+1)); err != nil {
		return nil, err
	} else if n > most {
		return nil, fmt.Errorf("unpacks to more than %d bytes", most)
	}
	return weights.Parse(content.Bytes())
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
