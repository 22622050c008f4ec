package captions

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Open reads captioned pictures in any of the forms in which people have them:
//
//   - a CSV file with the columns b64string_images and caption, as the originals use;
//   - a folder with metadata.csv or metadata.jsonl: file_name, text or caption, perhaps split;
//   - a folder with a .txt file beside each picture.
//
// The first bad row is an error that names it; with [SkipBad] it is left out.
func Open(path string, options ...Option) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be opened: %w", path, errors.Unwrap(err))
	}
	r := &reading{folder: path, named: map[string]bool{}, set: &Set{Name: strings.TrimSuffix(filepath.Base(path), ".csv")}}
	for _, option := range options {
		option(r)
	}
	if r.real, err = filepath.Abs(path); err == nil {
		r.real, err = filepath.EvalSymlinks(r.real)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be opened: %w", path, err)
	}
	if err := r.read(info); err != nil {
		return nil, err
	}
	if r.skipBad {
		r.skipBadPictures()
	}
	if r.set.Len() == 0 && len(r.set.Skipped) > 0 {
		return nil, fmt.Errorf("%s: has no captioned picture that can be used, %d were left out; the first one: %s", oneLine(path), len(r.set.Skipped), r.set.Skipped[0])
	}
	if r.set.Len() == 0 {
		return nil, fmt.Errorf("%s: has no captioned picture; expected a CSV with b64string_images and caption, "+
			"a folder with metadata.csv or metadata.jsonl, or pictures with a .txt beside each", oneLine(path))
	}
	return r.set, nil
}

// MustOpen is Open for notebook cells: it panics on an error.
func MustOpen(path string, options ...Option) *Set {
	set, err := Open(path, options...)
	if err != nil {
		panic(err)
	}
	return set
}

// Option changes how [Open] reads.
type Option func(*reading)

// SkipBad leaves bad rows out and says why in the set's Skipped, which its summary prints. Every picture is decoded
// to find them. Captions that an encoding cannot write are found by [Set.Fitting].
func SkipBad(r *reading) { r.skipBad = true }

// reading is one call of [Open].
type reading struct {
	folder  string          // of the pictures
	real    string          // the same, absolute and without symbolic links
	skipBad bool            // a bad row is left out
	named   map[string]bool // the pictures that a row names
	set     *Set
}

// read fills the set from a file or a folder.
func (r *reading) read(info os.FileInfo) error {
	metadata := func(name string) string { return filepath.Join(r.folder, name) }
	switch {
	case info.Mode().IsRegular():
		return r.readTable(r.folder, "b64string_images")
	case !info.IsDir():
		return fmt.Errorf("%s: is neither a file nor a folder", r.folder)
	case exists(metadata("metadata.csv")):
		if err := r.readTable(metadata("metadata.csv"), "file_name"); err != nil {
			return err
		}
	case exists(metadata("metadata.jsonl")):
		if err := r.readLines(metadata("metadata.jsonl")); err != nil {
			return err
		}
	default:
		return r.readPairs()
	}
	r.set.Skipped = append(r.set.Skipped, unlisted(r.folder, r.named)...)
	return nil
}

// add keeps a row. One that is bad, which problem or the caption says, is an error or left out.
func (r *reading) add(example Example, problem error) error {
	if problem == nil {
		problem = checkCaption(example.Caption)
	}
	if problem == nil && oneLine(example.Split) != example.Split {
		problem = fmt.Errorf("split is %q: a name of one line expected", shorten(example.Split))
	}
	if problem == nil {
		r.set.Examples = append(r.set.Examples, example)
		return nil
	}
	problem = fmt.Errorf("%s: %w", example.Source, problem)
	if !r.skipBad {
		return problem
	}
	r.set.Skipped = append(r.set.Skipped, oneLine(problem.Error()))
	return nil
}

func checkCaption(caption string) error {
	if strings.TrimSpace(caption) == "" {
		return errors.New("the caption is empty")
	}
	for at, c := range caption {
		if _, width := utf8.DecodeRuneInString(caption[at:]); c == utf8.RuneError && width == 1 {
			return fmt.Errorf("the caption is not text in UTF-8: found byte 0x%02x at position %d", caption[at], at+1)
		}
	}
	return nil
}

// skipBadPictures leaves those out that cannot be decoded.
func (r *reading) skipBadPictures() {
	problems := make([]error, r.set.Len())
	inParallel(r.set.Len(), func(i int) {
		content, err := r.set.Examples[i].ImageBytes()
		if err == nil {
			if _, err = DecodeImage(content, AlphaOverWhite); err != nil {
				err = fmt.Errorf("%s: %w", r.set.Examples[i].Source, err)
			}
		}
		problems[i] = err
	})
	r.set.leaveOut(problems)
}

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

var pictureExtensions = []string{".png", ".jpg", ".jpeg", ".gif", ".webp"}

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
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", err
	case info.IsDir():
		return "", fmt.Errorf("file_name %q is a folder, not a picture", name)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("file_name %q is not a regular file", name)
	case info.Size() > most:
		return "", fmt.Errorf("file_name %q has %d bytes: at most %d", name, info.Size(), most)
	}
	return path, nil
}

// withoutMark drops the byte order mark with which some editors begin a file.
func withoutMark(content []byte) []byte {
	return bytes.TrimPrefix(content, []byte("\ufeff"))
}

// oneLine is a text, a file's name for example, as a message can hold it.
func oneLine(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text) {
		quoted := strconv.Quote(text)
		return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
	}
	return text
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
