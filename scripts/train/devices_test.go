package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImpossibleDevicesAreOneLine, with exit code 1 and nothing saved.
func TestImpossibleDevicesAreOneLine(t *testing.T) {
	data, folder := colours(t), filepath.Join(t.TempDir(), "run")
	for devices, want := range map[string]string{ // pure Go is one device
		"0": "train: --devices is 0: at least 1\n",
		"2": "train: devices is 2: the backend has 1\n",
	} {
		var said bytes.Buffer
		process := command(t, nil, "--data", data, "--run", folder, "--devices", devices)
		process.Stderr = &said
		err := process.Run()
		if err == nil || process.ProcessState.ExitCode() != 1 || said.String() != want {
			t.Errorf("%s devices: %v, said %q, want %q", devices, err, said.String(), want)
		}
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("%s devices: there is a run folder", devices)
		}
	}
	// A recipe does not decide it.
	if err := run([]string{"--data", data, "--run", folder, "--recipe", "learns", "--devices", "0"}); err == nil || !strings.HasPrefix(err.Error(), "--devices is 0") {
		t.Error(err)
	}
}
