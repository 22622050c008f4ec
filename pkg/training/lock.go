package training

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockFile is locked by whoever trains the run. The system takes the lock away from a process that
// ends, however it ends; reading a run needs none.
const lockFile = ".lock"

// lockFolder makes the run folder if need be and keeps others from training in it, then removes what a
// training that was killed left half written.
func lockFolder(folder string) (*flock.Flock, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("the run folder cannot be made: %w", err)
	}
	lock := flock.New(filepath.Join(folder, lockFile), flock.SetPermissions(0o644))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the run folder cannot be locked: %w", err)
	}
	if !locked {
		return nil, fmt.Errorf("%s is being trained already: one training at a time", folder)
	}
	if err := sweep(folder); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return lock, nil
}

// sweep removes unfinished files and folders.
func sweep(folder string) error {
	var err error
	for _, pattern := range []string{temporary, filepath.Join(checkpointsFolder, temporary)} {
		left, _ := filepath.Glob(filepath.Join(globEscape(folder), pattern))
		for _, path := range left {
			err = errors.Join(err, os.RemoveAll(path))
		}
	}
	return err
}
