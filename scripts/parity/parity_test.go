package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"

	"seemore/pkg/backend"
)

// open opens a backend, or skips the test where it cannot be had.
func open(t *testing.T, name string) compute.Backend {
	t.Helper()
	opened, _, err := backend.Open(name)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(opened.Finalize)
	return opened
}

// TestGoldenValues compares every component, both models, gradients, training steps and generation
// with the numbers of the original PyTorch code, on both backends.
func TestGoldenValues(t *testing.T) {
	folders, err := filepath.Glob("testdata/*")
	if err != nil || len(folders) < 33 {
		t.Fatalf("%d cases in testdata, error %v", len(folders), err)
	}
	for _, name := range []string{"go", "xla:cpu"} {
		opened := open(t, name)
		for _, folder := range folders {
			full := strings.Contains(folder, "B_full")
			t.Run(name+"/"+filepath.Base(folder), func(t *testing.T) {
				if full && (testing.Short() || name == "go") {
					t.Skip("full size: on XLA, without -short")
				}
				results, err := runFolder(opened, folder)
				if err != nil {
					t.Error(err)
				}
				for _, r := range results {
					if !r.ok() {
						t.Error(r)
					}
				}
			})
		}
	}
}

// TestAnErrorIsNoticed adds 1e-3 to one weight: the right line must fail.
func TestAnErrorIsNoticed(t *testing.T) {
	opened := open(t, "go")
	for folder, name := range map[string]string{
		"A08_mha_causal": "proj.bias", "A16_expert": "net.2.weight", "B_tiny_dense": "decoder.lm_head.bias",
	} {
		c, err := readCase(filepath.Join("testdata", folder))
		if err != nil {
			t.Fatal(err)
		}
		c.weights[name].Floats()[3] += 1e-3
		if err := c.runModel(opened); err != nil {
			t.Fatal(err)
		}
		failed := 0
		for _, r := range c.results {
			if !r.ok() {
				failed++
			}
		}
		if failed == 0 {
			t.Errorf("%s: an error of 1e-3 in %s goes unnoticed", folder, name)
		}
	}
}

func TestDamagedCasesAreErrors(t *testing.T) {
	opened := open(t, "go")
	for content, want := range map[string]string{
		"":                                  "config.json",
		"{":                                 "unexpected end of JSON",
		`{"kind":"magic"}`:                  `kind "magic" of config.json is unknown`,
		`{"kind":"module","class":"Magic"}`: `class "Magic" of config.json is unknown`,
		`{"kind":"module","class":"MLP","ctor":{"n_embd":4},"calls":[]}`:                                      "the case compares nothing",
		`{"kind":"module","class":"MLP","ctor":{"n_embd":4},"calls":[{"args":{"x":"in.x"},"out":["out.y"]}]}`: "net.0.weight is missing: expected [16 4]",
	} {
		folder := t.TempDir()
		if content != "" {
			if err := os.WriteFile(filepath.Join(folder, "config.json"), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := runFolder(opened, folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v, want %q", content, err, want)
		}
	}
}
