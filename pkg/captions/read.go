package captions

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// withoutMark drops the byte order mark with which some editors begin a file.
func withoutMark(content []byte) []byte {
	return bytes.TrimPrefix(content, []byte("\ufeff"))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
