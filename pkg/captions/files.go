package captions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var pictureExtensions = []string{".png", ".jpg", ".jpeg", ".gif", ".webp"}

// isPicture says whether a file's name ends as a picture's.
func isPicture(path string) bool {
	return slices.Contains(pictureExtensions, strings.ToLower(filepath.Ext(path)))
}

// Files that are larger, in bytes, are no pictures and no captions.
const (
	maxPicture = 256 << 20
	maxText    = 1 << 20
)

// point makes the example's picture the named file of the folder.
func (r *reading) point(example *Example, name string) (err error) {
	if name == "" {
		return errors.New("file_name is missing")
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("file_name %q leads out of the folder", name)
	}
	r.named[filepath.Join(r.folder, name)] = true
	if example.path, err = r.inside(name, maxPicture); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the picture %q cannot be opened: no such file", filepath.Join(r.folder, name))
	}
	return err
}

// inside is the path of a file in the folder, which no symbolic link leads out of and which has at most so many bytes.
func (r *reading) inside(name string, most int64) (string, error) {
	path := filepath.Join(r.folder, name)
	real, err := filepath.EvalSymlinks(filepath.Join(r.real, name))
	if path := new(fs.PathError); errors.As(err, &path) {
		err = path.Err // without the path, which is said already
	}
	if err != nil {
		return "", fmt.Errorf("file_name %q cannot be opened: %w", name, err)
	}
	if relative, err := filepath.Rel(r.real, real); err != nil || !filepath.IsLocal(relative) {
		return "", fmt.Errorf("file_name %q is a link that leads out of the folder, to %q", name, real)
	}
	if err := checkFile(path, most); err != nil {
		return "", fmt.Errorf("file_name %q %w", name, err)
	}
	return path, nil
}

// checkFile says why a file cannot be read as a whole.
func checkFile(path string, most int64) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("cannot be opened: %w", errors.Unwrap(err))
	case info.IsDir():
		return errors.New("is a folder, not a picture")
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file")
	case info.Size() > most:
		return fmt.Errorf("has %d bytes: at most %d", info.Size(), most)
	}
	return nil
}

// ReadPicture is [Pixels] of a picture's file.
func ReadPicture(path string, options ImageOptions) ([]float32, error) {
	if err := checkFile(path, maxPicture); err != nil {
		return nil, fmt.Errorf("%s %w", oneLine(path), err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pixels, err := Pixels(content, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", oneLine(path), err)
	}
	return pixels, nil
}

// oneLine is a text, a file's name for example, as a message can hold it.
func oneLine(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text) {
		quoted := strconv.Quote(text)
		return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
	}
	return text
}
