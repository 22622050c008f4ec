package captions

import (
	"fmt"
	"slices"
	"strings"
)

// Vocabulary numbers characters: ids from 0 in code point order, then <pad> as the last one.
type Vocabulary struct {
	characters []rune
	ids        map[rune]int32
}

// originalCharacters are the 65 of the originals' training text, in code point order.
const originalCharacters = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// OriginalVocabulary is that of the originals: 65 characters and <pad> with id 65.
func OriginalVocabulary() *Vocabulary {
	vocabulary, err := NewVocabulary(originalCharacters)
	if err != nil {
		panic(err) // the constant is sound
	}
	return vocabulary
}

// NewVocabulary numbers the given characters, each of which may appear once.
func NewVocabulary(characters string) (*Vocabulary, error) {
	runes := []rune(characters)
	if len(runes) == 0 {
		return nil, fmt.Errorf("a vocabulary needs at least one character")
	}
	slices.Sort(runes)
	v := &Vocabulary{characters: runes, ids: make(map[rune]int32, len(runes))}
	for id, r := range runes {
		if _, found := v.ids[r]; found {
			return nil, fmt.Errorf("character %q appears twice in the vocabulary", r)
		}
		v.ids[r] = int32(id)
	}
	return v, nil
}

// VocabularyOf has the characters that the captions use.
func VocabularyOf(captions []string) (*Vocabulary, error) {
	runes := []rune(strings.Join(captions, ""))
	slices.Sort(runes)
	return NewVocabulary(string(slices.Compact(runes)))
}

// MustVocabularyOf is VocabularyOf for notebook cells: it panics on an error.
func MustVocabularyOf(captions []string) *Vocabulary {
	vocabulary, err := VocabularyOf(captions)
	if err != nil {
		panic(err)
	}
	return vocabulary
}

// Size is the number of ids, <pad> included.
func (v *Vocabulary) Size() int { return len(v.characters) + 1 }

// PadID is the id of <pad>, which fills captions up and ends them.
func (v *Vocabulary) PadID() int32 { return int32(len(v.characters)) }

// Characters lists the characters in the order of their ids.
func (v *Vocabulary) Characters() string { return string(v.characters) }

// Encode turns a caption into ids, character by character.
func (v *Vocabulary) Encode(caption string) ([]int32, error) {
	ids := make([]int32, 0, len(caption))
	for _, r := range caption {
		id, found := v.ids[r]
		if !found {
			return nil, fmt.Errorf("character %q (%U) at position %d of %q is not in the vocabulary of %d characters",
				r, r, len(ids)+1, shorten(caption), len(v.characters))
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// Decode turns ids back into text, up to the first <pad>. Ids that do not exist become U+FFFD.
func (v *Vocabulary) Decode(ids []int32) string {
	var text strings.Builder
	for _, id := range ids {
		switch {
		case id == v.PadID():
			return text.String()
		case id < 0 || id > v.PadID():
			text.WriteRune('\uFFFD')
		default:
			text.WriteRune(v.characters[id])
		}
	}
	return text.String()
}

// Name is an id as it is written beside a bar or in a table: its character, "space", or "<pad>".
func (v *Vocabulary) Name(id int32) string {
	switch text := v.Decode([]int32{id}); text {
	case "":
		return "<pad>"
	case " ":
		return "space"
	default:
		return text
	}
}

// shorten cuts a long text for a message.
func shorten(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
