package captions

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Disjoint reports a picture that is in both sets, byte for byte: scores on such a picture would say
// nothing about pictures that a model has not seen.
func Disjoint(a, b *Set) error {
	seen := map[[sha256.Size]byte]Example{}
	for _, example := range a.Examples {
		content, err := example.ImageBytes()
		if err != nil {
			return err
		}
		seen[sha256.Sum256(content)] = example
	}
	for _, example := range b.Examples {
		content, err := example.ImageBytes()
		if err != nil {
			return err
		}
		if twin, found := seen[sha256.Sum256(content)]; found {
			return fmt.Errorf("%s (%s) and %s (%s) are the same picture: parts of a data set must not share any",
				twin.Source, a.Name, example.Source, b.Name)
		}
	}
	return nil
}

// WithCaptions keeps the examples that have one of n captions, which are chosen by their SHA-256 among
// those of the split train, or of the whole set if it has no splits. So the choice is arbitrary but
// always the same, and a smaller one is part of a larger one. 0 keeps everything.
func (s *Set) WithCaptions(n int) *Set {
	learned := s
	if slices.Contains(s.Splits(), "train") {
		learned = s.Split("train")
	}
	names := learned.DistinctCaptions()
	if n <= 0 || n >= len(names) {
		return s
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(captionHash(a), captionHash(b)) })
	chosen := s.Filter(func(e Example) bool { return slices.Contains(names[:n], e.Caption) })
	chosen.Skipped = s.Skipped
	return chosen
}

func captionHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
