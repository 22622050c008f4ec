package captions

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestReadText: pieces follow each other and targets are one character ahead.
func TestReadText(t *testing.T) {
	encoding := Encoding{OriginalVocabulary(), 3, ImageOptions{4, AlphaDrop}}
	path := filepath.Join(t.TempDir(), "text.txt")
	write := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("\ufeffabcdefgh")
	encoded, err := ReadText(path, encoding)
	if err != nil {
		t.Fatal(err)
	}
	var pieces []string
	for i := range encoded.IDs {
		pieces = append(pieces, encoding.Vocabulary.Decode(encoded.IDs[i])+">"+encoding.Vocabulary.Decode(encoded.Targets[i]))
	}
	if want := []string{"abc>bcd", "def>efg"}; !reflect.DeepEqual(pieces, want) {
		t.Errorf("pieces are %q, want %q", pieces, want)
	}
	if !reflect.DeepEqual(encoded.Set.Captions(), []string{"abc", "def"}) || len(encoded.Features) != 2 {
		t.Errorf("captions %q, %d features", encoded.Set.Captions(), len(encoded.Features))
	}
	for content, want := range map[string]string{"abc": "at least 4", "abcd\xff": "UTF-8", "abcé": "é"} {
		write(content)
		if _, err := ReadText(path, encoding); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: error %v, want one with %q", content, err, want)
		}
	}
}
