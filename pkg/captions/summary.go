package captions

import (
	"fmt"
	"image"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Summary says in a few lines what was read: how many pictures and captions, of which forms and sizes, with
// which characters, and what was left out and why. The first picture whose header cannot be read is an
// error that names it; an empty set is one too.
func (s *Set) Summary() (string, error) {
	if s.Len() == 0 {
		return "", fmt.Errorf("%s is empty: nothing to sum up", s.Name)
	}
	var text strings.Builder
	line := func(name, format string, values ...any) {
		fmt.Fprintf(&text, "%-11s%s\n", name, fmt.Sprintf(format, values...))
	}
	fmt.Fprintf(&text, "%s: %d captioned pictures with %d different captions%s\n", s.Name, s.Len(), len(s.DistinctCaptions()), s.splitSizes())
	pictures, err := s.pictureKinds()
	if err != nil {
		return "", err
	}
	line("pictures", "%s", pictures)
	var lengths []int
	for _, caption := range s.Captions() {
		lengths = append(lengths, utf8.RuneCountInString(caption))
	}
	slices.Sort(lengths)
	line("captions", "%d to %d characters, half of them at most %d", lengths[0], lengths[len(lengths)-1], lengths[(len(lengths)-1)/2])
	used, foreign := s.characters()
	line("characters", "%d different%s", used, foreign)
	for i, skipped := range s.Skipped {
		if i == 5 {
			line("left out", "and %d more, %d in all", len(s.Skipped)-i, len(s.Skipped))
			break
		}
		line("left out", "%s", skipped)
	}
	return text.String(), nil
}

// MustSummary is Summary for notebook cells: it panics on an error.
func (s *Set) MustSummary() string {
	text, err := s.Summary()
	if err != nil {
		panic(err)
	}
	return text
}

// splitSizes are the splits with their sizes, in brackets; nothing where there are none.
func (s *Set) splitSizes() string {
	var sizes []string
	for _, name := range s.Splits() {
		sizes = append(sizes, fmt.Sprintf("%s %d", name, s.Split(name).Len()))
	}
	if len(sizes) == 0 {
		return ""
	}
	return " (" + strings.Join(sizes, ", ") + ")"
}

// pictureKinds counts the pictures' file formats and gives the range of their sizes.
func (s *Set) pictureKinds() (string, error) {
	formats := map[string]int{}
	var smallest, largest image.Config
	for i, example := range s.Examples {
		content, err := example.ImageBytes()
		if err != nil {
			return "", err
		}
		header, format, err := headerOf(content)
		if err != nil {
			return "", fmt.Errorf("%s: %w", example.Source, err)
		}
		formats[strings.ToUpper(format)]++
		if area := header.Width * header.Height; i == 0 || area < smallest.Width*smallest.Height {
			smallest = header
		}
		if header.Width*header.Height > largest.Width*largest.Height {
			largest = header
		}
	}
	var counts []string
	for _, format := range slices.Sorted(maps.Keys(formats)) {
		counts = append(counts, fmt.Sprintf("%s %d", format, formats[format]))
	}
	return fmt.Sprintf("%s; %dx%d to %dx%d pixels", strings.Join(counts, ", "), smallest.Width, smallest.Height, largest.Width, largest.Height), nil
}

// characters counts those of the captions and names those that the originals' vocabulary lacks.
func (s *Set) characters() (used int, foreign string) {
	all := map[rune]bool{}
	for _, caption := range s.Captions() {
		for _, c := range caption {
			all[c] = true
		}
	}
	var unknown []rune
	for _, c := range slices.Sorted(maps.Keys(all)) {
		if !strings.ContainsRune(OriginalVocabulary().Characters(), c) {
			unknown = append(unknown, c)
		}
	}
	if len(unknown) == 0 {
		return len(all), ", all among the originals' 65"
	}
	return len(all), fmt.Sprintf(", not among the originals' 65: %q (own characters are needed)", string(unknown))
}

// unlisted names the pictures in a folder that no row names.
func unlisted(folder string, named map[string]bool) (skipped []string) {
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error { // what cannot be listed is not left out knowingly
		if err == nil && !entry.IsDir() && isPicture(path) && !named[path] {
			skipped = append(skipped, oneLine(path)+": the metadata does not name it")
		}
		return nil
	})
	return skipped
}
