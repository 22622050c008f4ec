package captions

import (
	"fmt"
	"unicode/utf8"
)

// Fits reports the first caption that has more than longest characters or one that the vocabulary lacks; nil is a vocabulary with
// all characters.
func (s *Set) Fits(vocabulary *Vocabulary, longest int) error {
	for _, example := range s.Examples {
		if err := example.fits(vocabulary, longest); err != nil {
			return err
		}
	}
	return nil
}

// Fitting is the set without the captions that [Set.Fits] reports; its Skipped says which and why.
func (s *Set) Fitting(vocabulary *Vocabulary, longest int) *Set {
	fitting := &Set{Name: s.Name, Examples: s.Examples, Skipped: s.Skipped}
	problems := make([]error, s.Len())
	for i, example := range s.Examples {
		problems[i] = example.fits(vocabulary, longest)
	}
	fitting.leaveOut(problems)
	return fitting
}

func (e Example) fits(vocabulary *Vocabulary, longest int) error {
	if vocabulary != nil {
		if _, err := vocabulary.Encode(e.Caption); err != nil {
			return fmt.Errorf("%s: %w", e.Source, err)
		}
	}
	if n := utf8.RuneCountInString(e.Caption); n > longest {
		return fmt.Errorf("%s: the caption %q has %d characters: at most %d", e.Source, shorten(e.Caption), n, longest)
	}
	return nil
}

// leaveOut drops the examples that have a problem.
func (s *Set) leaveOut(problems []error) {
	var kept []Example
	skipped := s.Skipped[:len(s.Skipped):len(s.Skipped)] // another set may have the same
	for i, problem := range problems {
		if problem != nil {
			skipped = append(skipped, oneLine(problem.Error()))
			continue
		}
		kept = append(kept, s.Examples[i])
	}
	s.Examples, s.Skipped = kept, skipped
}
