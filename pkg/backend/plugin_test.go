//go:build ((linux && (amd64 || arm64)) || (darwin && arm64)) && !noxla

package backend

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestPluginOfAnotherVersionIsOneLine(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "pjrt_c_api_cpu_plugin.so")
	if said, err := exec.Command("cc", "-shared", "-fPIC", "-o", file, "testdata/future_plugin.c").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", folder)
	t.Setenv("GOMLX_BACKEND", "")
	want := file + " speaks version 1.2 of XLA's plugin interface, expected 0.x: run scripts/setup.sh"
	if _, _, err := Open("xla:cpu"); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("error is %v, want %s", err, want)
	}
	if devices, _ := filepath.Glob("/dev/nvidia[0-9]*"); len(devices) > 0 {
		return // CUDA comes first
	}
	backend, choice, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	if choice.Name != PureGo || !strings.Contains(choice.Reason, want) {
		t.Errorf("choice is %v", choice)
	}
}

func TestNoPluginIsLeftToGoXLA(t *testing.T) {
	file := filepath.Join(t.TempDir(), "no_plugin.so")
	if err := os.WriteFile(file, []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, config := range []string{"go", "xla:cpu", "xla:" + file, "xla:/is/not/there.so"} {
		if err := checkPlugin(config); err != nil {
			t.Errorf("%s: %v", config, err)
		}
	}
}
