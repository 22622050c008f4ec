package parity

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
	"seemore/pkg/vlm"
)

// open opens a backend, or skips the test where it cannot be had.
func open(t testing.TB, name string) compute.Backend {
	t.Helper()
	opened, _, err := backend.Open(name)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(opened.Finalize)
	return opened
}

// TestGoldenValues compares every component, both models, gradients, training steps, generation,
// pictures, batches and initial weights with the numbers of the original PyTorch code, on both
// backends.
func TestGoldenValues(t *testing.T) {
	folders, err := filepath.Glob("testdata/[A-F]_*")
	components, _ := filepath.Glob("testdata/A[0-9]*")
	folders = append(folders, components...)
	if err != nil || len(folders) < 34 {
		t.Fatalf("%d cases in testdata, error %v", len(folders), err)
	}
	const others = "../captions/testdata/"
	folders = append(folders, others+"E_images", others+"F_get_batch")
	for _, name := range []string{"go", "xla:cpu"} {
		t.Run(name, func(t *testing.T) {
			opened := open(t, name)
			for _, folder := range folders {
				t.Run(filepath.Base(folder), func(t *testing.T) {
					if testing.Short() && strings.Contains(folder, "B_full") {
						t.Skip("full size: without -short")
					}
					results, err := Run(opened, folder, nil)
					if err != nil {
						t.Error(err)
					}
					for _, r := range results {
						if !r.OK() {
							t.Error(r)
						}
					}
				})
			}
		})
	}
}

// TestAnErrorIsNoticed adds 1e-3 to one weight: the lines that depend on it must fail, and only those.
func TestAnErrorIsNoticed(t *testing.T) {
	opened := open(t, "go")
	for _, test := range []struct{ folder, weight, fails, holds string }{
		{"A01_patch_embeddings", "conv.weight", "out.y", ""},
		{"A08_mha_causal", "proj.bias", "out.y", ""},
		{"A16_expert", "net.2.weight", "out.y", ""},
		{"A17_router_noise_off", "topkroute_linear.weight", "out.gates", "out.indices"},
		{"B_tiny_dense", "decoder.lm_head.bias", "out.logits", "out.image_embeds"},
		{"C_train_moe", "decoder.lm_head.bias", "final.decoder.lm_head.bias", "experts_used_each_step"},
		{"D_generate_dense", "decoder.lm_head.bias", "out.last_logits_correct", "out.tokens_correct"},
	} {
		c, err := readCase(filepath.Join("testdata", test.folder))
		if err != nil {
			t.Fatal(err)
		}
		c.weights[test.weight].Floats()[3] += 1e-3
		if err := kinds[c.config.Kind](c, opened); err != nil {
			t.Fatal(err)
		}
		ok := map[string]bool{}
		for _, r := range c.results {
			ok[strings.TrimPrefix(r.Name, test.folder+" ")] = r.OK()
		}
		if wrong, found := ok[test.fails]; !found || wrong {
			t.Errorf("%s: an error of 1e-3 in %s goes unnoticed in %s", test.folder, test.weight, test.fails)
		}
		if test.holds != "" && !ok[test.holds] {
			t.Errorf("%s: an error of 1e-3 in %s changes %s", test.folder, test.weight, test.holds)
		}
	}
}

// TestACallersModel puts a model of the caller's own to a case: the lines that differ fail.
func TestACallersModel(t *testing.T) {
	opened := open(t, "go")
	build := func(config vlm.Config) vlm.Model {
		m := vlm.Seemore(config)
		decode := m.Decode
		m.Decode = func(scope *model.Scope, ids, image *Node) *Node {
			return MulScalar(decode(scope, ids, image), 1.001)
		}
		return m
	}
	results, err := Run(opened, "testdata/B_tiny_dense", build)
	if err != nil {
		t.Fatal(err)
	}
	ok := map[string]bool{}
	for _, r := range results {
		ok[strings.TrimPrefix(r.Name, "B_tiny_dense ")] = r.OK()
	}
	if ok["out.logits"] || !ok["out.image_embeds"] {
		t.Errorf("logits ok: %v, want false; image_embeds ok: %v, want true", ok["out.logits"], ok["out.image_embeds"])
	}
	if _, err := Run(opened, "testdata/A03_mlp_gelu", build); err == nil {
		t.Error("a component was compared with a whole model")
	}
}
