package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"

	"seemore/pkg/training"
)

// saveRun writes a run folder as pkg/training does: config.json and one checkpoint. It is made under
// another name and renamed, so that it is complete or not there.
func saveRun(folder string, config training.Config, store *model.Store, step int) error {
	content, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return err
	}
	folder = filepath.Clean(folder)
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	unfinished, err := os.MkdirTemp(filepath.Dir(folder), ".unfinished-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(unfinished)
	checkpointFolder := filepath.Join(unfinished, "checkpoints", fmt.Sprintf("step-%08d", step))
	if err := errors.Join(os.Chmod(unfinished, 0o755), os.MkdirAll(checkpointFolder, 0o755),
		os.WriteFile(filepath.Join(unfinished, "config.json"), append(content, '\n'), 0o644)); err != nil {
		return err
	}
	store.SetParam(model.RootScopePath+"config", string(content))
	handler, err := checkpoint.Build(store).Dir(checkpointFolder).WithCompression(checkpoint.BinUncompressed).Done()
	if err != nil {
		return err
	}
	if err := errors.Join(handler.Save(), syncAll(unfinished)); err != nil {
		return err
	}
	if err := os.Remove(folder); err != nil && !errors.Is(err, os.ErrNotExist) { // an empty folder
		return err
	}
	return os.Rename(unfinished, folder)
}

// syncAll forces a folder and everything below it to the disk.
func syncAll(folder string) error {
	return filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		opened, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(opened.Sync(), opened.Close())
	})
}
