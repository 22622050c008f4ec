package efficientnet

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/weights"
)

// epsilon keeps a batch normalisation from dividing by zero; TensorFlow's value.
const epsilon = 1e-3

// layer is a convolution with the batch normalisation behind it, in PyTorch's names and in ours.
type layer struct {
	convolution, norm     string // names in the file, without the parts
	scope                 string // of our variables
	kernel, input, output int
	dims                  []int // of our weights
}

// layers lists all of the network.
func layers() []layer {
	all := []layer{{"_conv_stem", "_bn0", "stem", 3, 3, stemWidth, []int{3, 3, 3, stemWidth}}}
	width := 0
	for i, b := range blocks() {
		theirs, ours := fmt.Sprintf("_blocks.%d.", i), fmt.Sprintf("block_%d", i)
		if b.hidden != b.input {
			all = append(all, layer{theirs + "_expand_conv", theirs + "_bn0", ours + "/expand", 1, b.input, b.hidden, []int{b.input, b.hidden}})
		}
		all = append(all,
			layer{theirs + "_depthwise_conv", theirs + "_bn1", ours + "/depthwise", b.kernel, 1, b.hidden, []int{b.kernel, b.kernel, b.hidden}},
			layer{theirs + "_project_conv", theirs + "_bn2", ours + "/project", 1, b.hidden, b.output, []int{b.hidden, b.output}})
		width = b.output
	}
	return append(all, layer{"_conv_head", "_bn1", "head", 1, width, FeatureDim, []int{width, FeatureDim}})
}

// shapes are the parameters that the layer needs from a file.
func (l layer) shapes() map[string][]int {
	shapes := map[string][]int{l.convolution + ".weight": {l.output, l.input, l.kernel, l.kernel}}
	for _, part := range []string{".weight", ".bias", ".running_mean", ".running_var"} {
		shapes[l.norm+part] = []int{l.output}
	}
	return shapes
}

// Fill makes the network's variables below scope from PyTorch's parameters, which have the names of the
// package efficientnet-lite-pytorch. Parameters that are missing or of another shape are all listed, and then
// nothing is made; more than the network needs may be there: the classifier is not used.
func Fill(scope *model.Scope, parameters map[string]weights.Tensor) error {
	if problems := mismatches(parameters); len(problems) > 0 {
		more := ""
		if n := len(problems) - 3; n > 0 {
			problems, more = problems[:3], fmt.Sprintf("; and %d more", n)
		}
		return fmt.Errorf("not the weights of EfficientNet-Lite0: %s%s", strings.Join(problems, "; "), more)
	}
	for _, l := range layers() {
		kernel, biases := l.fold(parameters)
		for name, value := range map[string]*tensors.Tensor{
			"weights": tensors.FromFlatDataAndDimensions(kernel, l.dims...),
			"biases":  tensors.FromFlatDataAndDimensions(biases, 1, 1, 1, l.output),
		} {
			path := model.JoinPath(scope.Scope(), l.scope, name)
			variable, err := scope.Store().CreateVariable(path, value)
			if err != nil {
				return err
			}
			variable.SetTrainable(false)
		}
	}
	return nil
}

// mismatches lists what is wrong with the parameters, sorted.
func mismatches(parameters map[string]weights.Tensor) []string {
	var problems []string
	for _, l := range layers() {
		for name, shape := range l.shapes() {
			parameter, found := parameters[name]
			switch _, float := parameter.Data.([]float32); {
			case !found:
				problems = append(problems, fmt.Sprintf("%s is missing", name))
			case !float || !slices.Equal(parameter.Shape, shape):
				problems = append(problems, fmt.Sprintf("%s is %s %v: expected F32 %v", name, parameter.DType(), parameter.Shape, shape))
			}
		}
	}
	slices.Sort(problems)
	return problems
}

// fold makes one affine map of the convolution and the normalisation, (x-mean)/sqrt(variance+epsilon)
// times gain plus offset, and turns the kernel from PyTorch's axes to ours.
//
// Shapes:
//   - kernel: [kernel, kernel, input, output], flat; from [output, input, kernel, kernel]
//   - biases: [output]
func (l layer) fold(parameters map[string]weights.Tensor) (kernel, biases []float32) {
	get := func(name string) []float32 { return parameters[name].Floats() }
	gain, offset := get(l.norm+".weight"), get(l.norm+".bias")
	mean, variance := get(l.norm+".running_mean"), get(l.norm+".running_var")
	theirs, places := get(l.convolution+".weight"), l.kernel*l.kernel
	kernel, biases = make([]float32, len(theirs)), make([]float32, l.output)
	for o := range l.output {
		factor := float64(gain[o]) / math.Sqrt(float64(variance[o])+epsilon)
		biases[o] = float32(float64(offset[o]) - float64(mean[o])*factor)
		for i := range l.input {
			for place := range places {
				value := float64(theirs[(o*l.input+i)*places+place])
				kernel[(place*l.input+i)*l.output+o] = float32(value * factor)
			}
		}
	}
	return kernel, biases
}
