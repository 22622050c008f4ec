package training

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
)

const (
	checkpointsFolder = "checkpoints"
	paramConfig       = "config" // the store parameter that carries the run's configuration as JSON
	keptCheckpoints   = 2
	temporary         = ".unfinished-*" // what a file or folder is called until it is complete
)

// saveCheckpoint writes the store as checkpoints/step-<step> with GoMLX's own format. The folder is
// written under another name, synced and renamed, so it is complete or not there.
func saveCheckpoint(store *model.Store, config Config, folder string, step int) error {
	encoded, err := json.Marshal(config)
	if err != nil {
		return err
	}
	store.SetParam(model.RootScopePath+paramConfig, string(encoded))
	all := filepath.Join(folder, checkpointsFolder)
	if err := os.MkdirAll(all, 0o755); err != nil {
		return err
	}
	unfinished, err := os.MkdirTemp(all, temporary)
	if err != nil {
		return err
	}
	defer os.RemoveAll(unfinished)

	loader := store.Loader()
	handler, err := checkpoint.Build(store).Dir(unfinished).WithCompression(checkpoint.BinUncompressed).Done()
	if err != nil {
		return err
	}
	err = handler.Save()
	store.SetLoader(loader) // the handler was for this one save
	if err := errors.Join(err, syncFiles(unfinished)); err != nil {
		return err
	}
	final := filepath.Join(all, fmt.Sprintf("step-%08d", step))
	// There is one of this step already only where it was damaged.
	if err := errors.Join(removeCheckpoint(final), os.Rename(unfinished, final), syncFiles(all)); err != nil {
		return err
	}
	return removeOldCheckpoints(folder, final)
}

// Create makes a new run folder of weights that were not trained here. The folder is written under
// another name and renamed, so it is complete or not there; one that has something in it already is
// left alone.
func Create(folder string, config Config, store *model.Store, step int) error {
	if entries, _ := os.ReadDir(folder); len(entries) > 0 {
		return fmt.Errorf("%s is there already: a new run folder expected", folder)
	}
	folder = filepath.Clean(folder)
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	unfinished, err := os.MkdirTemp(filepath.Dir(folder), temporary)
	if err != nil {
		return err
	}
	defer os.RemoveAll(unfinished)
	if err := errors.Join(os.Chmod(unfinished, 0o755), openFolder(unfinished, config),
		saveCheckpoint(store, config, unfinished, step), syncFiles(unfinished)); err != nil {
		return err
	}
	if err := os.Remove(folder); err != nil && !errors.Is(err, os.ErrNotExist) { // an empty folder
		return err
	}
	return os.Rename(unfinished, folder)
}

// listCheckpoints lists the complete checkpoints of a run, newest first.
func listCheckpoints(folder string) []string {
	found, _ := filepath.Glob(filepath.Join(globEscape(folder), checkpointsFolder, "step-*"))
	slices.Sort(found)
	slices.Reverse(found)
	return found
}

// loadCheckpoint fills an empty store from the newest checkpoint that can be read and returns its
// step: 0 if the run has none. A damaged one is reported to warn and passed over. Meanwhile the run may
// be training: a checkpoint that is gone was followed by a newer one.
func loadCheckpoint(store *model.Store, folder string, warn func(string)) (int, error) {
	tried := map[string]bool{}
	for {
		left := slices.DeleteFunc(listCheckpoints(folder), func(path string) bool { return tried[path] })
		if len(left) == 0 {
			break
		}
		path := left[0]
		tried[path] = true
		var step int
		if _, err := fmt.Sscanf(filepath.Base(path), "step-%d", &step); err != nil {
			continue
		}
		loader := store.Loader()
		// The configuration was compared already; nothing that the caller set is overwritten.
		_, err := checkpoint.Load(store).Dir(path).Immediate().ExcludeAllParams().Done()
		store.SetLoader(loader)
		if err == nil {
			sortOut(store)
			return step, nil
		}
		if _, statErr := os.Stat(path); statErr == nil {
			warn(fmt.Sprintf("%s is damaged and passed over: %s", path, firstLine(err)))
		}
	}
	if len(tried) > 0 {
		return 0, fmt.Errorf("%s: none of its %d checkpoints can be read", folder, len(tried))
	}
	return 0, nil
}

// sortOut tells weights from what is not trained, which a checkpoint does not record: the optimizer's
// state, and step count and random state, both integers.
func sortOut(store *model.Store) {
	for variable := range store.IterVariables() {
		ofAdam := strings.HasPrefix(variable.Path(), model.RootScopePath+adamScope+model.ScopeSeparator)
		variable.Trainable = variable.DType().IsFloat() && !ofAdam
	}
}

// removeOldCheckpoints keeps the newest, counted from the one just saved on. What is newer than that is
// damaged: it was passed over when the run was loaded, and its step will come again.
func removeOldCheckpoints(folder, newest string) error {
	checkpoints := slices.DeleteFunc(listCheckpoints(folder), func(path string) bool { return path > newest })
	var err error
	for _, path := range checkpoints[min(keptCheckpoints, len(checkpoints)):] {
		err = errors.Join(err, removeCheckpoint(path))
	}
	return err
}

// removeCheckpoint takes its name from a checkpoint first, so that one that is half removed never looks
// like a whole one.
func removeCheckpoint(path string) error {
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	trash, err := os.MkdirTemp(filepath.Dir(path), temporary)
	if err != nil {
		return err
	}
	if err := os.Rename(path, filepath.Join(trash, filepath.Base(path))); err != nil {
		return errors.Join(err, os.RemoveAll(trash))
	}
	return os.RemoveAll(trash)
}

// syncFiles forces a folder and the files in it to the disk.
func syncFiles(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	paths := []string{folder}
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			paths = append(paths, filepath.Join(folder, entry.Name()))
		}
	}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		if err := errors.Join(file.Sync(), file.Close()); err != nil {
			return err
		}
	}
	return nil
}

func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "*", `\*`, "?", `\?`).Replace(path)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
