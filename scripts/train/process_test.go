package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
)

// asCommand makes the test binary the command itself, so that tests can kill it.
const asCommand = "SEEMORE_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// command is train as a process of its own, on the backend without compiler.
func command(t *testing.T, said io.Writer, arguments ...string) *exec.Cmd {
	t.Helper()
	process := exec.Command(os.Args[0], append(arguments, "--size", "tiny", "--backend", "go", "--batch", "4")...)
	process.Env = append(os.Environ(), asCommand+"=1")
	process.Stdout, process.Stderr = said, said
	return process
}

// colours is a folder of four captioned pictures.
func colours(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, c := range map[string]color.Color{"black": color.Black, "blue": color.NRGBA{0, 0, 255, 255},
		"red": color.NRGBA{255, 0, 0, 255}, "white": color.White} {
		file, err := os.Create(filepath.Join(folder, name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		picture := image.NewNRGBA(image.Rect(0, 0, 8, 8))
		for i := range 64 {
			picture.Set(i%8, i/8, c)
		}
		if err := png.Encode(file, picture); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".txt"), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// checkpoints are the steps of a run's checkpoints, oldest first.
func checkpoints(t *testing.T, folder string) (steps []int) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(folder, "checkpoints", "step-*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	for _, path := range found {
		var step int
		if _, err := fmt.Sscanf(filepath.Base(path), "step-%d", &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	return steps
}

// values reads a checkpoint with GoMLX's own reader: the bytes of every variable, by path.
func values(t *testing.T, folder string, step int) map[string]string {
	t.Helper()
	store := model.NewStore()
	path := filepath.Join(folder, "checkpoints", fmt.Sprintf("step-%08d", step))
	if _, err := checkpoint.Load(store).Dir(path).Immediate().Done(); err != nil {
		t.Fatalf("%s cannot be read: %v", path, err)
	}
	read := map[string]string{}
	for variable := range store.IterVariables() {
		if err := variable.MustValue().ConstBytes(func(bytes []byte) { read[variable.Path()] = string(bytes) }); err != nil {
			t.Fatal(err)
		}
	}
	return read
}

// sameWeights compares the last checkpoints of two runs, bit for bit.
func sameWeights(t *testing.T, one, other string, step int) {
	t.Helper()
	mine, others := values(t, one, step), values(t, other, step)
	if len(mine) != len(others) || len(mine) == 0 {
		t.Errorf("%d and %d variables", len(mine), len(others))
	}
	for path, bytes := range mine {
		if others[path] != bytes {
			t.Errorf("%s differs", path)
		}
	}
}

// points counts the lines of the metric file, which have to be the losses of steps 0, 1, 2 and so on.
func points(t *testing.T, folder string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, "training_plot_points.json"))
	if os.IsNotExist(err) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	if len(content) == 0 {
		return 0
	}
	for i, line := range lines {
		var point struct{ Step, Value float64 }
		if err := json.Unmarshal([]byte(line), &point); err != nil || point.Step != float64(i) {
			t.Fatalf("line %d of the metric file is %q, want step %d", i+1, line, i)
		}
	}
	return len(lines)
}
