package captions

import (
	"slices"
	"strings"
	"testing"
)

// TestFitting: at the limit is fine, one character more is not, and neither is one that the vocabulary lacks.
func TestFitting(t *testing.T) {
	set := &Set{Name: "set", Examples: []Example{{Caption: "abcde", Source: "row 1"}, {Caption: "abcdef", Source: "row 2"}, {Caption: "é", Source: "row 3"}, {Caption: "éééé", Source: "row 4"}}, Skipped: []string{"row 0"}}
	if err := set.Fits(nil, 6); err != nil {
		t.Error(err)
	}
	for want, err := range map[string]error{
		`row 2: the caption "abcdef" has 6 characters: at most 5`: set.Fits(nil, 5),
		`row 3: character 'é' (U+00E9) at position 1 of "é"`:      set.Fits(OriginalVocabulary(), 6),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
	fitting := set.Fitting(OriginalVocabulary(), 5)
	if got := fitting.Captions(); !slices.Equal(got, []string{"abcde"}) || len(fitting.Skipped) != 4 || len(set.Skipped) != 1 || set.Len() != 4 {
		t.Errorf("kept %q, left out %q; of the set %d rows, left out %q", got, fitting.Skipped, set.Len(), set.Skipped)
	}
}
