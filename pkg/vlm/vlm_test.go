package vlm

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// testBackend is the pure-Go backend: it needs no plugin and is quick at tiny sizes.
func testBackend(t testing.TB) compute.Backend {
	t.Helper()
	backend, err := compute.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(backend.Finalize)
	return backend
}

// build runs a graph function over a fresh, seeded store and returns its value.
func build(t testing.TB, fn func(scope *model.Scope, g *Graph) *Node) *tensors.Tensor {
	t.Helper()
	store := model.NewStore()
	store.SetParam(model.ParamInitialSeed, int64(1))
	value, err := model.CallOnce(testBackend(t), store, fn)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func ramp(g *Graph, dims ...int) *Node {
	shape := shapes.Make(dtypes.Float32, dims...)
	return Reshape(Sin(Iota(g, shapes.Make(dtypes.Float32, shape.Size()), 0)), dims...)
}

func zeros(g *Graph, dims ...int) *Node { return Zeros(g, shapes.Make(dtypes.Int32, dims...)) }

func TestShapes(t *testing.T) {
	config := TinyConfig()
	whole := Seemore(config)
	block := func(scope *model.Scope, x *Node) *Node {
		return Block(scope, x, 4, true, 0.1, MLP(activation.Relu, 0.1))
	}
	cases := []struct {
		name string
		want []int
		fn   func(scope *model.Scope, g *Graph) *Node
	}{
		{"PatchEmbedding", []int{4, 36, 64}, func(scope *model.Scope, g *Graph) *Node {
			return PatchEmbedding(scope, ramp(g, 4, 96, 96, 3), 16, 64)
		}},
		{"PatchEmbedding drops a ragged edge", []int{1, 16, 16}, func(scope *model.Scope, g *Graph) *Node {
			return PatchEmbedding(scope, ramp(g, 1, 37, 37, 3), 8, 16)
		}},
		{"MLP", []int{4, 3, 128}, func(scope *model.Scope, g *Graph) *Node {
			return MLP(activation.Gelu, 0.1)(scope, ramp(g, 4, 3, 128))
		}},
		{"AttentionHead", []int{4, 3, 1, 16}, func(scope *model.Scope, g *Graph) *Node {
			return AttentionHead(scope, ramp(g, 4, 3, 128), 1, 16, true, 0.1)
		}},
		{"MultiHeadAttention", []int{4, 3, 128}, func(scope *model.Scope, g *Graph) *Node {
			return MultiHeadAttention(scope, ramp(g, 4, 3, 128), 8, false, 0.1)
		}},
		{"Block", []int{4, 3, 128}, func(scope *model.Scope, g *Graph) *Node {
			return block(scope, ramp(g, 4, 3, 128))
		}},
		{"VisionTransformer", []int{4, 32}, func(scope *model.Scope, g *Graph) *Node {
			return VisionTransformer(scope, ramp(g, 4, 32, 32, 3), config.Vision, block)
		}},
		{"MultimodalProjector", []int{4, 128}, func(scope *model.Scope, g *Graph) *Node {
			return MultimodalProjector(scope, ramp(g, 4, 32), 128, 0.1)
		}},
		{"DecoderLanguageModel", []int{2, 6, 66}, func(scope *model.Scope, g *Graph) *Node {
			return DecoderLanguageModel(scope, zeros(g, 2, 5), ramp(g, 2, 32), config.Decoder, block)
		}},
		{"DecoderLanguageModel without an image", []int{2, 1, 66}, func(scope *model.Scope, g *Graph) *Node {
			return DecoderLanguageModel(scope, zeros(g, 2, 1), nil, config.Decoder, block)
		}},
		{"the whole model", []int{2, 6, 66}, func(scope *model.Scope, g *Graph) *Node {
			return whole.Forward(scope, ramp(g, 2, 32, 32, 3), zeros(g, 2, 5))
		}},
		{"Loss", []int{}, func(scope *model.Scope, g *Graph) *Node {
			return Loss(ramp(g, 2, 6, 66), zeros(g, 2, 5))
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := build(t, c.fn).Shape()
			if err := got.CheckDims(c.want...); err != nil {
				t.Errorf("shape is %s, want %v", got, c.want)
			}
		})
	}
}

// TestNumParameters compares with the originals' published sizes; only the shapes are computed.
func TestNumParameters(t *testing.T) {
	config := DefaultConfig()
	store := model.NewStore()
	exec, err := model.NewExec(testBackend(t), store, Seemore(config).Forward)
	if err != nil {
		t.Fatal(err)
	}
	images := shapes.Make(dtypes.Float32, 1, config.Vision.ImageSize, config.Vision.ImageSize, 3)
	if _, err := exec.Compile(images, shapes.Make(dtypes.Int32, 1, 8)); err != nil {
		t.Fatal(err)
	}
	if got, want := NumParameters(store), 12_907_970; got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
}

func TestCausalMaskHidesTheFuture(t *testing.T) {
	logits := func(last int32) []float32 {
		value := build(t, func(scope *model.Scope, g *Graph) *Node {
			ids := Const(g, [][]int32{{5, 9, 2, last}})
			x := Seemore(TinyConfig()).Forward(scope, ramp(g, 1, 32, 32, 3), ids)
			return Slice(x, AxisRange(), AxisRange(0, 4))
		})
		return tensors.MustCopyFlatData[float32](value)
	}
	one, other := logits(7), logits(60)
	for i := range one {
		if one[i] != other[i] {
			t.Fatalf("logit %d changed from %v to %v with a later character", i, one[i], other[i])
		}
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	if err := TinyConfig().Validate(); err != nil {
		t.Error(err)
	}
	cases := []struct {
		change func(*Config)
		want   string
	}{
		{func(c *Config) { c.Vision.PatchSize = 15 }, "vision.image_size 32 is not a multiple of patch_size 15: the nearest are 30 and 45"},
		{func(c *Config) { c.Vision.PatchSize = 33 }, "vision.patch_size 33 is larger than image_size 32: at most 32"},
		{func(c *Config) { c.Vision.ImageSize = 0 }, "vision.image_size is 0: at least 1"},
		{func(c *Config) { c.Vision.NumHeads = 5 }, "vision.embed_dim 32 is not a multiple of num_heads 5: the nearest are 30 and 35"},
		{func(c *Config) { c.Decoder.NumHeads = 33 }, "decoder.embed_dim 32 is not a multiple of num_heads 33: the nearest are 33"},
		{func(c *Config) { c.Decoder.NumBlocks = -1 }, "decoder.num_blocks is -1: at least 1"},
		{func(c *Config) { c.Decoder.VocabSize = 1 }, "decoder.vocab_size is 1: at least 2"},
		{func(c *Config) { c.Decoder.ContextLength = 1 }, "decoder.context_length is 1: at least 2"},
		{func(c *Config) { c.Decoder.Dropout = 1 }, "decoder.dropout 1 is not in [0, 1): 0 drops nothing"},
	}
	for _, c := range cases {
		config := TinyConfig()
		c.change(&config)
		err := config.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
