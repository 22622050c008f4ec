package captions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// readPairs reads a folder in which picture.txt holds the caption of picture.png.
// What is neither is skipped.
func (r *reading) readPairs() error {
	entries, err := os.ReadDir(r.folder)
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", r.folder, errors.Unwrap(err))
	}
	used := map[string]bool{}
	skip := func(name, why string) {
		r.set.Skipped = append(r.set.Skipped, oneLine(filepath.Join(r.folder, name))+": "+why)
	}
	for _, entry := range entries {
		name := entry.Name()
		stem := strings.TrimSuffix(name, filepath.Ext(name))
		switch {
		case entry.IsDir():
			skip(name, "is a folder; only the pictures beside it are read")
		case isPicture(name):
			used[stem+".txt"] = true
			example := Example{Source: oneLine(filepath.Join(r.folder, name))}
			problem := r.point(&example, name)
			if problem == nil {
				example.Caption, problem = r.captionIn(stem + ".txt")
			}
			if err := r.add(example, problem); err != nil {
				return err
			}
		case filepath.Ext(name) != ".txt":
			skip(name, "is not a picture (PNG, JPEG, GIF or WebP)")
		}
	}
	for _, entry := range entries {
		if name := entry.Name(); filepath.Ext(name) == ".txt" && !used[name] && !entry.IsDir() {
			skip(name, "has no picture beside it")
		}
	}
	return nil
}

// captionIn reads the text file of a picture.
func (r *reading) captionIn(name string) (string, error) {
	path, err := r.inside(name, maxText)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("has no caption; expected %s beside it", oneLine(name))
	}
	if err != nil {
		return "", fmt.Errorf("its caption cannot be read: %w", err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("its caption cannot be read: %w", err)
	}
	caption := strings.TrimSpace(string(withoutMark(content)))
	if caption == "" {
		return "", fmt.Errorf("the caption in %s is empty", oneLine(name))
	}
	return caption, nil
}
