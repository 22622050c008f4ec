package captions

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Open reads captioned pictures in any of the forms in which people have them:
//
//   - a CSV file with the columns b64string_images and caption, as the originals use;
//   - a folder with metadata.csv or metadata.jsonl: file_name, text or caption, perhaps split;
//   - a folder with a .txt file beside each picture.
func Open(path string) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be opened: %w", path, errors.Unwrap(err))
	}
	set := &Set{Name: strings.TrimSuffix(filepath.Base(path), ".csv")}
	if !info.IsDir() {
		set.Examples, err = readTable(path, "b64string_images")
	} else if metadata := filepath.Join(path, "metadata.csv"); exists(metadata) {
		set.Examples, err = readTable(metadata, "file_name")
		set.Skipped = unlisted(path, set.Examples)
	} else if metadata := filepath.Join(path, "metadata.jsonl"); exists(metadata) {
		set.Examples, err = readLines(metadata)
		set.Skipped = unlisted(path, set.Examples)
	} else {
		set.Examples, set.Skipped, err = readPairs(path)
	}
	if err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, fmt.Errorf("%s: has no captioned picture; expected a CSV with b64string_images and caption, "+
			"a folder with metadata.csv or metadata.jsonl, or pictures with a .txt beside each", path)
	}
	return set, nil
}

// MustOpen is Open for notebook cells: it panics on an error.
func MustOpen(path string) *Set {
	set, err := Open(path)
	if err != nil {
		panic(err)
	}
	return set
}

// readPairs reads a folder in which picture.txt holds the caption of picture.png.
// What is neither is skipped.
func readPairs(folder string) (examples []Example, skipped []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: cannot be read: %w", folder, errors.Unwrap(err))
	}
	used := map[string]bool{}
	for _, entry := range entries {
		name := entry.Name()
		extension := filepath.Ext(name)
		path := filepath.Join(folder, name)
		if entry.IsDir() {
			skipped = append(skipped, fmt.Sprintf("%s: is a folder; only the pictures beside it are read", path))
			continue
		}
		if !isPicture(name) {
			if extension != ".txt" {
				skipped = append(skipped, fmt.Sprintf("%s: is not a picture (PNG, JPEG, GIF or WebP)", path))
			}
			continue
		}
		used[strings.TrimSuffix(name, extension)+".txt"] = true
		caption, err := os.ReadFile(strings.TrimSuffix(path, extension) + ".txt")
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("%s: has no caption; expected %s.txt beside it", path, strings.TrimSuffix(name, extension))
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: its caption cannot be read: %w", path, err)
		}
		text := strings.TrimSpace(string(withoutMark(caption)))
		if text == "" {
			return nil, nil, fmt.Errorf("%s: the caption in %s.txt is empty", path, strings.TrimSuffix(name, extension))
		}
		examples = append(examples, Example{Caption: text, Source: path, path: path})
	}
	for _, entry := range entries {
		if name := entry.Name(); filepath.Ext(name) == ".txt" && !used[name] && !entry.IsDir() {
			skipped = append(skipped, fmt.Sprintf("%s: has no picture beside it", filepath.Join(folder, name)))
		}
	}
	return examples, skipped, nil
}

var pictureExtensions = []string{".png", ".jpg", ".jpeg", ".gif", ".webp"}

// pointTo makes the example's picture the named file below folder.
func (e *Example) pointTo(folder, name string) error {
	if name == "" {
		return errors.New("file_name is missing")
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("file_name %q leads out of the folder", name)
	}
	e.path = filepath.Join(folder, name)
	info, err := os.Stat(e.path)
	if err != nil {
		return fmt.Errorf("the picture %q cannot be opened: %w", e.path, errors.Unwrap(err))
	}
	if info.IsDir() {
		return fmt.Errorf("file_name %q is a folder, not a picture", name)
	}
	return nil
}

// withoutMark drops the byte order mark with which some editors begin a file.
func withoutMark(content []byte) []byte {
	return bytes.TrimPrefix(content, []byte("\ufeff"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
