package backend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenPureGo(t *testing.T) {
	backend, choice, err := Open("go")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	if choice.Name != "go" || choice.Reason != "asked for" {
		t.Errorf("choice is %v", choice)
	}
}

func TestEnvironmentDecides(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", PureGo)
	backend, choice, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	if choice.Name != PureGo || choice.Reason != "GOMLX_BACKEND" {
		t.Errorf("choice is %v", choice)
	}
}

func TestUnknownBackendIsOneLine(t *testing.T) {
	for _, name := range []string{"abacus", "xla:abacus"} {
		_, _, err := Open(name)
		if err == nil {
			t.Fatalf("%s opened", name)
		}
		if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), name) {
			t.Errorf("error is %q", err)
		}
	}
}

func TestPluginOfTheCheckout(t *testing.T) {
	root := t.TempDir()
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", "")
	t.Setenv("SEEMORE_ROOT", "")
	plugin := filepath.Join(root, ".venv/lib/pjrt/pjrt_c_api_cpu_plugin.so")
	inside := filepath.Join(root, "notebooks")
	for _, folder := range []string{filepath.Dir(plugin), inside} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, content := range map[string]string{filepath.Join(root, "go.mod"): "module seemore\n", plugin: ""} {
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(inside)
	if got, want := withPluginPath("xla:cpu"), "xla:"+plugin; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := withPluginPath("xla:cpu,tf32=false"), "xla:"+plugin+",tf32=false"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := withPluginPath("xla:cuda"); got != "xla:cuda" {
		t.Errorf("a plugin that is not there became %q", got)
	}
}

func TestCUDAIsExactUnlessAsked(t *testing.T) {
	t.Setenv("XLA_FLAGS", "--xla_dump_to=/nowhere")
	t.Setenv("NVIDIA_TF32_OVERRIDE", "")
	for name, want := range map[string]string{"xla:cpu": "xla:cpu", "go": "go", "xla:cuda,tf32=true": "xla:cuda,tf32=true"} {
		if got := prepareCUDA(name); got != want || os.Getenv("NVIDIA_TF32_OVERRIDE") != "" {
			t.Errorf("%s becomes %s", name, got)
		}
	}
	for name, want := range map[string]string{
		"xla:cuda":                     "xla:cuda,tf32=false",
		"xla:cuda,visible_devices=0;1": "xla:cuda,visible_devices=0;1,tf32=false",
	} {
		if got := prepareCUDA(name); got != want || os.Getenv("NVIDIA_TF32_OVERRIDE") != "0" {
			t.Errorf("%s becomes %s", name, got)
		}
	}
	if got := os.Getenv("XLA_FLAGS"); got != "--xla_dump_to=/nowhere --xla_gpu_enable_triton_gemm=false" {
		t.Errorf("XLA_FLAGS is %q", got)
	}
}

// TestDevicesOfTheCPU: four by themselves, another number where it is asked for.
func TestDevicesOfTheCPU(t *testing.T) {
	for name, want := range map[string]int{"xla:cpu": 4, "xla:cpu,devices=6": 6} {
		backend, choice, err := Open(name)
		if err != nil {
			t.Skip(err)
		}
		defer backend.Finalize()
		if got := int(backend.NumDevices()); got != want || choice.Name != name {
			t.Errorf("%s has %d devices, want %d", choice, got, want)
		}
	}
	for _, number := range []string{"", "0", "-1", "two", "65", "99999999999999999999"} {
		want := "devices=" + number + ": a number from 1 to 64 expected"
		if _, _, err := Open("xla:cpu,devices=" + number); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}
