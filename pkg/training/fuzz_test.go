package training

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ui/plot"
)

// FuzzMetricFile wants that a run goes on with any metric file: what is no point, or happens again, is dropped, and the
// rest stays.
func FuzzMetricFile(f *testing.F) {
	f.Add([]byte(`{"MetricName":"train loss","Step":0,"Value":4.2}`+"\n"+`{"MetricName":"train loss","Step":1,"Value":4}`+"\n"+`{"Metr`), 1)
	f.Add([]byte("\xff\n\n{}\n"), 0)
	folder := f.TempDir()
	path := filepath.Join(folder, plot.TrainingPlotFileName)
	f.Fuzz(func(t *testing.T, content []byte, step int) {
		open := func() []byte {
			metrics, err := openMetrics(folder, step)
			if err != nil {
				t.Fatal(err)
			}
			if err := metrics.close(); err != nil {
				t.Fatal(err)
			}
			kept, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			return kept
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		kept := open()
		for _, line := range bytes.Split(bytes.TrimSuffix(kept, []byte("\n")), []byte("\n")) {
			var point plot.Point
			if len(kept) > 0 && (json.Unmarshal(line, &point) != nil || point.Step >= float64(step)) {
				t.Errorf("kept %q at step %d", line, step)
			}
		}
		if len(kept) > 0 && !bytes.HasSuffix(kept, []byte("\n")) {
			t.Errorf("the next point would be put behind %q", kept)
		}
		if again := open(); !bytes.Equal(again, kept) {
			t.Errorf("kept %q, then %q", kept, again)
		}
	})
}

// FuzzConfig wants of any config.json an error of one line, or a configuration that is the same when it is written and
// read again, and is possible or not without a panic.
func FuzzConfig(f *testing.F) {
	for _, config := range []Config{DefaultConfig(), DefaultMoEConfig(), {}} {
		content, err := json.Marshal(config)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(`{"model":{"vision":{"image_size":9223372036854775807,"patch_size":-1}},"learning_rate":1e400}`))
	f.Add([]byte("{\n\"variant\":\n3}"))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		read := func(content []byte) (Config, error) {
			if err := os.WriteFile(filepath.Join(folder, configFile), content, 0o644); err != nil {
				t.Fatal(err)
			}
			return ReadConfig(folder)
		}
		config, err := read(content)
		if err == nil {
			content, problem := json.Marshal(config)
			if problem != nil {
				t.Fatal(problem)
			}
			if back, err := read(content); err != nil || !reflect.DeepEqual(back.Settings(), config.Settings()) {
				t.Errorf("read %v, written and read back %v, error %v", config, back, err)
			}
			err = config.Validate()
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("an error of several lines: %q", err)
		}
	})
}

// FuzzCheckpoint wants that a checkpoint of any bytes is loaded or passed over with a warning of one line, with memory in
// proportion to its files, and that what is loaded can be saved and loaded again.
func FuzzCheckpoint(f *testing.F) {
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		f.Fatal(err)
	}
	for path, value := range map[string]any{"/decoder/weights": [][]float32{{1, 2}, {3, 4}}, "/adam/steps": float32(3), "/global_step": int64(3)} {
		if _, err := store.CreateVariable(path, tensors.MustFromAnyValue(value)); err != nil {
			f.Fatal(err)
		}
	}
	sample := f.TempDir()
	if err := saveCheckpoint(store, DefaultConfig(), sample, 3); err != nil {
		f.Fatal(err)
	}
	// Besides the two files of GoMLX a checkpoint may have others, which stay as they are.
	checkpoint := listCheckpoints(sample)[0]
	header, data := fileOf(f, checkpoint, "*.json"), fileOf(f, checkpoint, "*.bin")
	headerContent, dataContent := contentOf(f, header), contentOf(f, data)
	f.Add(headerContent, dataContent)
	f.Add(headerContent[:len(headerContent)/2], dataContent)
	f.Add(headerContent, dataContent[:len(dataContent)/2])
	f.Add(bytes.Replace(headerContent, []byte("2"), []byte("2000000000000"), 1), dataContent)
	f.Add([]byte("{}"), []byte{})
	f.Fuzz(func(t *testing.T, headerContent, dataContent []byte) {
		for path, content := range map[string][]byte{header: headerContent, data: dataContent} {
			if err := os.WriteFile(path, content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		loaded, warnings := model.NewStore(), []string(nil)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := loadCheckpoint(loaded, sample, func(warning string) { warnings = append(warnings, warning) })
		runtime.ReadMemStats(&after)
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(200*(len(headerContent)+len(dataContent))+8<<20); used > most {
			t.Errorf("%d bytes allocated for files of %d and %d", used, len(headerContent), len(dataContent))
		}
		if err != nil {
			warnings = append(warnings, err.Error())
		}
		for _, text := range warnings {
			if strings.ContainsAny(text, "\n\r") {
				t.Errorf("a warning of several lines: %q", text)
			}
		}
		if err == nil {
			if err := saveCheckpoint(loaded, DefaultConfig(), t.TempDir(), 3); err != nil {
				t.Errorf("what was loaded cannot be saved: %v", err)
			}
		}
	})
}

func fileOf(f *testing.F, folder, pattern string) string {
	f.Helper()
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(found) == 0 {
		f.Fatalf("%s has no %s", folder, pattern)
	}
	return found[0]
}

func contentOf(f *testing.F, path string) []byte {
	f.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return content
}
