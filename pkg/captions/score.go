package captions

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
)

// Scores say how close written captions come to those that were wanted.
type Scores struct {
	Exact float64 // share of captions that are equal, 0 to 1
	CER   float64 // character error rate: edits needed for every wanted character; 0 is best
	ChrF  float64 // character n-gram F-score, 0 to 100
}

// Score compares written captions with wanted ones, row by row.
func Score(written, wanted []string) (Scores, error) {
	if len(written) != len(wanted) {
		return Scores{}, fmt.Errorf("%d written captions for %d wanted ones", len(written), len(wanted))
	}
	if len(wanted) == 0 {
		return Scores{}, fmt.Errorf("no captions to score")
	}
	var equal, edits, characters float64
	for i := range wanted {
		if written[i] == wanted[i] {
			equal++
		}
		edits += float64(levenshtein.ComputeDistance(written[i], wanted[i]))
		characters += float64(len([]rune(wanted[i])))
	}
	return Scores{
		Exact: equal / float64(len(wanted)),
		CER:   edits / max(characters, 1),
		ChrF:  chrF(written, wanted),
	}, nil
}

// The usual chrF2 (Popović, 2015), as sacreBLEU computes it: n-grams of 1 to 6 characters without
// white space, recall counts twice as much as precision.
const (
	chrFOrder = 6
	chrFBeta2 = 2 * 2
)

func chrF(written, wanted []string) float64 {
	var precision, recall, orders float64
	for n := 1; n <= chrFOrder; n++ {
		var matches, inWritten, inWanted float64
		for i := range wanted {
			mine, theirs := ngrams(written[i], n), ngrams(wanted[i], n)
			for gram, count := range mine {
				matches += float64(min(count, theirs[gram]))
				inWritten += float64(count)
			}
			for _, count := range theirs {
				inWanted += float64(count)
			}
		}
		if inWritten > 0 && inWanted > 0 {
			precision, recall, orders = precision+matches/inWritten, recall+matches/inWanted, orders+1
		}
	}
	if precision+recall == 0 {
		return 0
	}
	precision, recall = precision/orders, recall/orders
	return 100 * (1 + chrFBeta2) * precision * recall / (chrFBeta2*precision + recall)
}

// ngrams counts the runs of n characters of a text.
func ngrams(text string, n int) map[string]int {
	text = strings.Join(strings.FieldsFunc(text, unicode.IsSpace), "")
	counts, characters := map[string]int{}, []rune(text)
	for start := 0; start+n <= len(characters); start++ {
		counts[string(characters[start:start+n])]++
	}
	return counts
}
