package captions

import (
	"fmt"
	"os"
	"unicode/utf8"
)

// ReadText reads a text file, in which no pictures are, for a decoder to learn to write from. Examples are
// consecutive pieces of the encoding's length; targets are the characters one position on, so the last
// example ends one character before the text's end, and what is too short for another example is left out.
// Their only feature is 0.
func ReadText(path string, encoding Encoding) (*Encoded, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	content = withoutMark(content)
	if !utf8.Valid(content) {
		return nil, fmt.Errorf("%s: is not text in UTF-8", path)
	}
	e, err := EncodeText(path, string(content), encoding)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// MustReadText is ReadText for notebook cells: it panics on an error.
func MustReadText(path string, encoding Encoding) *Encoded {
	encoded, err := ReadText(path, encoding)
	if err != nil {
		panic(err)
	}
	return encoded
}

// EncodeText is [ReadText] for text that is in memory already.
func EncodeText(name, text string, encoding Encoding) (*Encoded, error) {
	if err := encoding.Validate(); err != nil {
		return nil, err
	}
	ids, err := encoding.Vocabulary.Encode(text)
	if err != nil {
		return nil, err
	}
	length := encoding.Length
	if len(ids) <= length {
		return nil, fmt.Errorf("the text has %d characters: at least %d are needed", len(ids), length+1)
	}
	e := &Encoded{Set: &Set{Name: name}, Size: encoding.Image.Size, Length: length}
	characters := []rune(text)
	for start := 0; start+length < len(ids); start += length {
		e.Set.Examples = append(e.Set.Examples, Example{
			Caption: string(characters[start : start+length]), Source: fmt.Sprintf("%s, character %d", name, start+1),
		})
		e.IDs = append(e.IDs, ids[start:start+length])
		e.Targets = append(e.Targets, ids[start+1:start+length+1])
		e.Features = append(e.Features, []float32{0})
	}
	return e, nil
}
