package efficientnet

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/weights"
)

func testBackend(t testing.TB) compute.Backend {
	t.Helper()
	opened, _, err := backend.Open(backend.PureGo)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(opened.Finalize)
	return opened
}

// trained opens the real weights, which are not part of the repository.
func trained(t testing.TB, backend compute.Backend) *Encoder {
	t.Helper()
	path, err := DefaultPath()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("the trained weights are not there: scripts/encoder.sh makes data/efficientnet_lite0")
	}
	encoder, err := Open(path, backend)
	if err != nil {
		t.Fatal(err)
	}
	return encoder
}

// randomParameters have the right names and shapes.
func randomParameters() map[string]weights.Tensor {
	source, parameters := rand.New(rand.NewPCG(1, 2)), map[string]weights.Tensor{}
	for _, l := range layers() {
		for name, shape := range l.shapes() {
			size := 1
			for _, dim := range shape {
				size *= dim
			}
			data := make([]float32, size)
			for i := range data {
				switch {
				case name == l.convolution+".weight":
					data[i] = float32(source.NormFloat64() * math.Sqrt(2/float64(l.input*l.kernel*l.kernel)))
				case strings.HasSuffix(name, ".running_var"), strings.HasSuffix(name, ".weight"):
					data[i] = 0.5 + source.Float32()
				default:
					data[i] = source.Float32() - 0.5
				}
			}
			parameters[name] = weights.Tensor{Shape: shape, Data: data}
		}
	}
	return parameters
}

func TestShapes(t *testing.T) {
	opened, store := testBackend(t), model.NewStore()
	if err := Fill(store.RootScope(), randomParameters()); err != nil {
		t.Fatal(err)
	}
	for variable := range store.IterVariables() {
		if variable.Trainable {
			t.Errorf("%s would be trained", variable.Path())
		}
	}
	// PyTorch counts 3,371,008 without the classifier: gain and offset of each of the 21,008 channels that are
	// normalised; here the gain is part of the weights.
	if got, want := store.NumParameters(), 3_371_008-21_008; got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
	for _, c := range []struct{ height, width, rows, columns int }{{32, 32, 1, 1}, {33, 64, 2, 2}, {1, 7, 1, 1}} {
		output, err := model.CallOnceN(opened, store, func(scope *model.Scope, g *Graph) []*Node {
			images := Zeros(g, shapes.Make(dtypes.Float32, 2, c.height, c.width, 3))
			features := FeatureMap(scope, images)
			return []*Node{features, Pool(features)}
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := output[0].Shape().Dimensions, []int{2, c.rows, c.columns, FeatureDim}; !slices.Equal(got, want) {
			t.Errorf("%dx%d pixels: the feature map is %v, want %v", c.height, c.width, got, want)
		}
		if got, want := output[1].Shape().Dimensions, []int{2, FeatureDim}; !slices.Equal(got, want) {
			t.Errorf("%dx%d pixels: pooled features are %v, want %v", c.height, c.width, got, want)
		}
	}
}

// relative is the largest difference, in parts of the largest number wanted.
func relative(got, want []float32) float64 {
	var difference, largest float64
	for i := range want {
		difference = max(difference, math.Abs(float64(got[i]-want[i])))
		largest = max(largest, math.Abs(float64(want[i])))
	}
	return difference / largest
}

// TestAgainstPyTorch compares with testdata/golden.py: the mean after every block, one place of the feature
// map, and the pooled features of pictures of an even and an odd size, and of one that is enlarged.
func TestAgainstPyTorch(t *testing.T) {
	encoder := trained(t, testBackend(t))
	golden, err := weights.ReadFile("testdata/golden.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, picture string
		resolution    int
	}{{"even", "even", 48}, {"odd", "odd", 37}, {"enlarged", "even", 64}} {
		values, size := golden[c.picture+".pixels"].Floats(), golden[c.picture+".pixels"].Shape[0]
		image := make([]float32, len(values)) // as captions.Normalise makes it
		for i, value := range values {
			image[i] = (value/255 - captionsMean[i%3]) / captionsDeviation[i%3]
		}
		encoder.Resolution = c.resolution
		pooled, err := encoder.Features([][]float32{image}, size)
		if err != nil {
			t.Fatal(err)
		}
		maps, err := encoder.FeatureMaps([][]float32{image}, size)
		if err != nil {
			t.Fatal(err)
		}
		side := (c.resolution + 31) / 32
		corner := maps[0][(side-1)*FeatureDim : side*FeatureDim] // first row, last column
		for what, both := range map[string][2][]float32{
			"pooled features": {pooled[0], golden[c.name+".features_mean"].Floats()},
			"a corner":        {corner, golden[c.name+".corner"].Floats()},
			"means of layers": {layerMeans(t, encoder, image, size), golden[c.name+".layer_means"].Floats()},
		} {
			if len(both[0]) != len(both[1]) {
				t.Fatalf("%s, %s: %d numbers, want %d", c.name, what, len(both[0]), len(both[1]))
			}
			worst := relative(both[0], both[1])
			t.Logf("%s, %s: largest relative error %.2g", c.name, what, worst)
			if worst > 1e-3 || math.IsNaN(worst) {
				t.Errorf("%s, %s: got %v..., want %v...", c.name, what, both[0][:4], both[1][:4])
			}
		}
	}
}

// layerMeans are the means of what stem and blocks give. The golden ones were taken before the stem's ReLU6.
func layerMeans(t *testing.T, e *Encoder, image []float32, size int) []float32 {
	t.Helper()
	means, err := model.CallOnce(e.backend, e.store, func(scope *model.Scope, images *Node) *Node {
		x := convolution(scope.In("stem"), Input(images, e.Resolution), 3, 2, stemWidth)
		means := []*Node{ReduceAllMean(x)}
		x = relu6(x)
		for i, sizes := range blocks() {
			x = block(scope.In("block_%d", i), x, sizes)
			means = append(means, ReduceAllMean(x))
		}
		return Stack(means, 0)
	}, tensors.FromFlatDataAndDimensions(image, 1, size, size, 3))
	if err != nil {
		t.Fatal(err)
	}
	return means.Value().([]float32)
}

// TestInputUndoesNormalise: black, the middle and white arrive as the network was trained on them.
func TestInputUndoesNormalise(t *testing.T) {
	picture := captions.Unnormalise(make([]float32, 3*4), 2)
	for i, value := range []uint8{0, 127, 255, 127} {
		copy(picture.Pix[4*i:], []uint8{value, value, value, 255})
	}
	images := tensors.FromFlatDataAndDimensions(captions.Normalise(picture), 1, 2, 2, 3)
	got, err := CallOnce(testBackend(t), func(x *Node) *Node { return Input(x, 2) }, images)
	if err != nil {
		t.Fatal(err)
	}
	flat := tensors.MustCopyFlatData[float32](got)
	for i, want := range []float32{-127. / 128, 0, 1, 0} {
		if math.Abs(float64(flat[3*i+1]-want)) > 1e-5 {
			t.Errorf("pixel %d is %g, want %g", i, flat[3*i+1], want)
		}
	}
}

func TestResize(t *testing.T) {
	got, err := CallOnce(testBackend(t), func(x *Node) *Node { return resize(x, 4) }, [][][][]float32{{{{0}, {4}}, {{8}, {12}}}})
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12}
	if flat := tensors.MustCopyFlatData[float32](got); !slices.Equal(flat, want) {
		t.Errorf("got %v, want %v", flat, want)
	}
}
