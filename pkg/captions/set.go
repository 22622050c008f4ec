package captions

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"unicode/utf8"
)

// Example is one captioned picture.
type Example struct {
	Caption string
	Split   string // "train", "new_drawing", ...; empty where the data has no splits
	Source  string // where it comes from, for messages: "inputs.csv row 3" or a file name

	path string // of the picture's file, or of the table that has it in
	row  *field // its place there
}

// ImageBytes are the picture's encoded bytes (PNG, JPEG, GIF or WebP), read from the disk.
func (e Example) ImageBytes() ([]byte, error) {
	if e.row != nil {
		content, err := e.row.read(e.path)
		if err != nil {
			return nil, fmt.Errorf("%s: cannot be read again: %w", e.Source, err)
		}
		return content, nil
	}
	content, err := os.ReadFile(e.path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Source, err)
	}
	return content, nil
}

// Set is an ordered collection of captioned pictures.
type Set struct {
	Name     string
	Examples []Example
	Skipped  []string // what was left out when the set was read, with the reason, one line each
}

// Join is the examples of several sets, in order, under a new name.
func Join(name string, sets ...*Set) *Set {
	joined := &Set{Name: name}
	for _, set := range sets {
		joined.Examples = append(joined.Examples, set.Examples...)
		joined.Skipped = append(joined.Skipped, set.Skipped...)
	}
	return joined
}

// Len is the number of examples.
func (s *Set) Len() int { return len(s.Examples) }

// Captions lists the captions in order.
func (s *Set) Captions() []string {
	captions := make([]string, s.Len())
	for i, example := range s.Examples {
		captions[i] = example.Caption
	}
	return captions
}

// DistinctCaptions are the different captions, sorted.
func (s *Set) DistinctCaptions() []string {
	return slices.Compact(slices.Sorted(slices.Values(s.Captions())))
}

// Splits lists the names of the splits, sorted; none where the data has no splits.
func (s *Set) Splits() []string {
	var names []string
	for _, example := range s.Examples {
		if example.Split != "" {
			names = append(names, example.Split)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Filter keeps the examples for which keep is true.
func (s *Set) Filter(keep func(Example) bool) *Set {
	kept := &Set{Name: s.Name}
	for _, example := range s.Examples {
		if keep(example) {
			kept.Examples = append(kept.Examples, example)
		}
	}
	return kept
}

// Split keeps the examples of one split.
func (s *Set) Split(name string) *Set {
	part := s.Filter(func(e Example) bool { return e.Split == name })
	part.Name = name
	return part
}

// SplitAt divides a set in order: the first int(fraction·n) examples and the rest. The originals
// divide at 0.9.
func (s *Set) SplitAt(fraction float64) (first, rest *Set) {
	n := int(fraction * float64(s.Len()))
	return &Set{Name: s.Name, Examples: s.Examples[:n]}, &Set{Name: s.Name, Examples: s.Examples[n:]}
}

// Repeat is the whole set n times over.
func (s *Set) Repeat(n int) *Set {
	return &Set{Name: s.Name, Examples: slices.Repeat(s.Examples, n)}
}

// Take is the first n examples, or all if there are fewer.
func (s *Set) Take(n int) *Set {
	return &Set{Name: s.Name, Examples: s.Examples[:min(n, s.Len())]}
}

// Shuffle is the set in an order that the seed decides.
func (s *Set) Shuffle(seed uint64) *Set {
	shuffled := &Set{Name: s.Name, Examples: slices.Clone(s.Examples)}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(s.Len(), func(i, j int) {
		shuffled.Examples[i], shuffled.Examples[j] = shuffled.Examples[j], shuffled.Examples[i]
	})
	return shuffled
}

// LongestCaption is the length of the longest caption, in characters.
func LongestCaption(s *Set) int {
	longest := 0
	for _, example := range s.Examples {
		longest = max(longest, utf8.RuneCountInString(example.Caption))
	}
	return longest
}

// Fingerprint is a SHA-256 over captions, splits and picture bytes, in order. A picture that cannot
// be read counts by its name; reading it reports the error.
func (s *Set) Fingerprint() string {
	hash := sha256.New()
	for _, example := range s.Examples {
		image, err := example.ImageBytes()
		if err != nil {
			image = []byte(example.Source)
		}
		for _, part := range [][]byte{[]byte(example.Caption), []byte(example.Split), image} {
			fmt.Fprintf(hash, "%d:", len(part))
			hash.Write(part)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}
