package parity

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// copyCase copies a case of testdata, with changes: old text of config.json, new text.
func copyCase(t testing.TB, name string, changes ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "config.json")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(changes...).Replace(string(content))
	if changed == string(content) && len(changes) > 0 {
		t.Fatalf("%s: nothing changes by %q", name, changes)
	}
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestDamagedCasesAreErrors(t *testing.T) {
	opened := open(t, "go")
	for _, test := range []struct {
		name    string
		changes []string
		want    string
	}{
		{"A03_mlp_gelu", []string{`"module"`, `"magic"`}, `config.json: kind "magic" is unknown`},
		{"A03_mlp_gelu", []string{`"MLP"`, `"Magic"`}, `config.json: class "Magic" is unknown`},
		{"A03_mlp_gelu", []string{`"seemore.py"`, `"other.py"`}, `source_file "other.py" is unknown`},
		{"A03_mlp_gelu", []string{`"eval"`, `"train"`}, `mode is "train": eval expected`},
		{"A03_mlp_gelu", []string{`"n_embd": 16`, `"n_embd": 0`}, "n_embd of MLP is 0 or missing"},
		{"A03_mlp_gelu", []string{`"n_embd": 16`, `"n_embd": 8`}, "net.0.weight has shape [64 16]: expected [32 8]"},
		{"A03_mlp_gelu", []string{`{"args": {"x": "in.x"}, "out": ["out.y"]}`, ``}, "compares nothing"},
		{"A03_mlp_gelu", []string{`"x": "in.x"`, `"x": "in.z"`}, "io.safetensors has no in.z"},
		{"A03_mlp_gelu", []string{`"out": ["out.y"]`, `"out": []`}, "the call gives 1 results: out names 0"},
		{"A03_mlp_gelu", []string{`"tolerance_abs": {"out.y"`, `"tolerance_abs": {"out.z"`}, "no tolerance for out.y"},
		{"A03_mlp_gelu", []string{`[2, 7, 16], "dtype": "F32"}},`, `[2, 7, 17], "dtype": "F32"}},`}, "in.x is F32 [2 7 16]: config.json says F32 [2 7 17]"},
		{"A03_mlp_gelu", []string{`"elements": 2128`, `"elements": 2129`}, "4 tensors of 2128 numbers: config.json says 4 of 2129"},
		{"A21_decoder_lm", []string{`, "out.loss_text"]`, `, "out.other"]`}, "io.safetensors has out.loss_text, but nothing"},
		{"A19_sparse_moe", []string{`"zero"`, `"none"`}, `"zero" or a list of tensors expected`},
		{"A19_sparse_moe", []string{`["in.noise"]`, `["in.noise", "in.noise"]`}, "noise for 2 routers: the model has 1"},
		{"C_train_moe_idle_experts", []string{`"weight_decay": 0`, `"weight_decay": 0.1`}, "no weight decay expected"},
		{"C_train_moe_idle_experts", []string{`"steps": 20`, `"steps": 21`}, "out.losses has shape [20]: config.json says 21 steps"},
		{"D_generate_moe", nil, "cls_token is missing"}, // the case that has the weights is not beside it
		{"F_init_stats", []string{`"parameter_count": 12907970`, `"parameter_count": 1`, `nn.Linear(16,64)`, `nn.GRU(16,64)`}, "nn.GRU(16,64) is unknown"},
	} {
		_, err := Run(opened, copyCase(t, test.name, test.changes...), nil)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s %q: error is %v, want %q", test.name, test.changes, err, test.want)
		}
	}
}

func TestDamagedFilesAreErrors(t *testing.T) {
	opened := open(t, "go")
	for file, want := range map[string]string{
		"config.json":         "config.json is missing",
		"io.safetensors":      "io.safetensors has no in.x",
		"weights.safetensors": "weights.safetensors has 0 tensors",
	} {
		folder := copyCase(t, "A03_mlp_gelu")
		path := filepath.Join(folder, file)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content[:len(content)-5], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(opened, folder, nil); err == nil || !strings.HasPrefix(err.Error(), file+": ") {
			t.Errorf("%s cut off: error is %v", file, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(opened, folder, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s missing: error is %v, want %q", file, err, want)
		}
	}
}

// FuzzCase reads hostile folders, up to the comparison of names and shapes with the class's: no
// panic, an error of one line, no allocation beyond twice the files and what JSON needs.
func FuzzCase(f *testing.F) {
	for _, name := range []string{"A03_mlp_gelu", "A18_router_given_noise", "C_train_moe_idle_experts", "B_full_moe"} {
		var parts [][]byte
		for _, file := range []string{"config.json", "io.safetensors", "weights.safetensors", "params.json"} {
			content, _ := os.ReadFile(filepath.Join("testdata", name, file)) // not every case has all
			parts = append(parts, content)
		}
		f.Add(parts[0], parts[1], parts[2], parts[3])
	}
	f.Add([]byte(`{"kind":"model","source_file":"seeMoE.py","class":"VisionMoELanguageModel","ctor":{"n_layer":65536,"n_embd":65536}}`),
		binary.LittleEndian.AppendUint64(nil, 1<<40), []byte("{"), bytes.Repeat([]byte("["), 1000))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, config, io, weights, params []byte) {
		total := 0
		for name, content := range map[string][]byte{"config.json": config, "io.safetensors": io, "weights.safetensors": weights, "params.json": params} {
			total += len(content)
			if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c, err := readCase(folder)
		if err == nil {
			_, err = newClass(c.config)
			c.parameters() // may fail: most cases have none
		}
		runtime.ReadMemStats(&after)
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(2*total+16<<20); used > most {
			t.Errorf("%d bytes allocated for files of %d", used, total)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("an error of several lines: %q", err)
		}
	})
}
