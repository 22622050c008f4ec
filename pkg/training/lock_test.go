package training

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneTrainingAtATime: a second one is refused with one line, reading is not.
func TestOneTrainingAtATime(t *testing.T) {
	options := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 2)
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	options.Steps = 4
	l, err := newLoop(options)
	if err != nil {
		t.Fatal(err)
	}
	refusal(t, options, options.Folder+" is being trained already")
	if trained, err := Open(options.Folder, nil, options.Backend); err != nil || trained.Step != 2 {
		t.Errorf("reading: %v", err)
	}
	if err := l.close(); err != nil {
		t.Fatal(err)
	}
	if trained, err := Train(options); err != nil || trained.Step != 4 {
		t.Errorf("after the lock: %v", err)
	}
}

// TestLeftoversAreSwept: what a killed training left unfinished goes, the rest stays.
func TestLeftoversAreSwept(t *testing.T) {
	options := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 2)
	left := filepath.Join(options.Folder, checkpointsFolder, ".unfinished-1", "step-00000001")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(options.Folder, ".unfinished-2"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, pattern := range []string{"*", "checkpoints/*"} {
		found, err := filepath.Glob(filepath.Join(options.Folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			names = append(names, filepath.Base(path))
		}
	}
	if got := strings.Join(names, " "); got != ".lock checkpoints config.json training_plot_points.json step-00000002" {
		t.Errorf("the run folder has %s", got)
	}
}

// TestOtherDataIsRefused: with one line; the same data in another place is not.
func TestOtherDataIsRefused(t *testing.T) {
	set := colours(t)
	options := tinyOptions(t, set, filepath.Join(t.TempDir(), "run"), 2)
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	options.Steps = 3
	options.Config.Data.Path = "elsewhere"
	if _, err := Train(options); err != nil {
		t.Errorf("the same data: %v", err)
	}
	other := *options.Train
	other.Set = set.Shuffle(1)
	options.Train = &other
	refusal(t, options, "it learned from other captions and pictures: colours (sha256 ", "in the run and elsewhere (")
}

// TestDamagedCheckpointsCrowdNoneOut: two that are damaged do not make a new, older one be removed.
func TestDamagedCheckpointsCrowdNoneOut(t *testing.T) {
	options := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 6)
	options.CheckpointEvery = 1
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	for _, path := range listCheckpoints(options.Folder) {
		files, err := filepath.Glob(filepath.Join(path, "*.bin*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no data file in %s", path)
		}
		if err := os.Truncate(files[0], 1000); err != nil {
			t.Fatal(err)
		}
	}
	refusal(t, options, "none of its 2 checkpoints can be read")
	store := MustOpen(trainedElsewhere(t), nil, options.Backend).Store
	if err := saveCheckpoint(store, options.Config, options.Folder, 3); err != nil {
		t.Fatal(err)
	}
	if got := len(listCheckpoints(options.Folder)); got != 3 {
		t.Errorf("%d checkpoints, want the new one and 2 damaged ones", got)
	}
	options.Steps = 7
	if trained, err := Train(options); err != nil || trained.Step != 7 {
		t.Errorf("going on from step 3: %v", err)
	}
}

// trainedElsewhere is a run folder of two steps.
func trainedElsewhere(t *testing.T) string {
	t.Helper()
	options := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "elsewhere"), 2)
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	return options.Folder
}
