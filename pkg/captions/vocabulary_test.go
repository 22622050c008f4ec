package captions

import (
	"fmt"
	"testing"
)

func ExampleVocabulary_Encode() {
	ids, err := OriginalVocabulary().Encode("A dog.")
	fmt.Println(ids, err)
	_, err = OriginalVocabulary().Encode("5 dogs")
	fmt.Println(err)
	// Output:
	// [13 1 42 53 45 8] <nil>
	// character '5' (U+0035) at position 1 of "5 dogs" is not in the vocabulary of 65 characters
}

func TestVocabularies(t *testing.T) {
	original := OriginalVocabulary()
	if original.Size() != 66 || original.PadID() != 65 {
		t.Errorf("the original has %d ids, <pad> is %d", original.Size(), original.PadID())
	}
	again, err := NewVocabulary(original.Characters())
	if err != nil || again.Characters() != original.Characters() {
		t.Errorf("not the same when read again: %v", err)
	}
	built, err := VocabularyOf([]string{"b\u00e9", "ab"})
	if err != nil || built.Characters() != "ab\u00e9" || built.PadID() != 3 {
		t.Errorf("built from captions: %q, %v", built.Characters(), err)
	}
	if got := built.Decode([]int32{1, 2, 3, 0}); got != "b\u00e9" {
		t.Errorf("decoded to %q, want what stands before the first <pad>", got)
	}
	for _, characters := range []string{"", "aa"} {
		if _, err := NewVocabulary(characters); err == nil {
			t.Errorf("NewVocabulary(%q): no error", characters)
		}
	}
}

func TestNamesOfIDs(t *testing.T) {
	vocabulary := OriginalVocabulary()
	for text, want := range map[string]string{"a": "a", " ": "space"} {
		ids, err := vocabulary.Encode(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := vocabulary.Name(ids[0]); got != want {
			t.Errorf("%q is named %q", text, got)
		}
	}
	if got := vocabulary.Name(vocabulary.PadID()); got != "<pad>" {
		t.Errorf("the end is named %q", got)
	}
}
