package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"seemore/pkg/captions"
)

// namedEmoji is an emoji with its caption.
type namedEmoji struct{ emoji, name string }

// pictureGroups are the groups of emoji that show things rather than faces or signs.
var pictureGroups = []string{"Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects"}

// readNames lists the emoji of the picture groups whose names can be written in the originals'
// vocabulary, in the order of the groups' file, and those that cannot.
func readNames(groupsPath, namesPath string) (named []namedEmoji, leftOut []string, err error) {
	var listed []struct{ Unified, Category string }
	if err := readJSON(groupsPath, &listed); err != nil {
		return nil, nil, err
	}
	var short map[string]struct{ En string }
	if err := readJSON(namesPath, &short); err != nil {
		return nil, nil, err
	}
	vocabulary := captions.OriginalVocabulary()
	seen := map[string]bool{}
	for _, item := range listed {
		if !slices.Contains(pictureGroups, item.Category) {
			continue
		}
		emoji, err := fromCodePoints(item.Unified)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", groupsPath, err)
		}
		name := plainName(short[emoji].En)
		if _, err := vocabulary.Encode(name); err != nil || name == "" || seen[name] {
			leftOut = append(leftOut, fmt.Sprintf("%q (%s)", name, item.Unified))
			continue
		}
		seen[name] = true
		named = append(named, namedEmoji{emoji, name})
	}
	return named, leftOut, nil
}

func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// fromCodePoints turns "1F34E-FE0F" into the text that it stands for.
func fromCodePoints(list string) (string, error) {
	var text strings.Builder
	for _, code := range strings.Split(list, "-") {
		r, err := strconv.ParseInt(code, 16, 32)
		if err != nil {
			return "", fmt.Errorf("code point %q: %w", code, err)
		}
		text.WriteRune(rune(r))
	}
	return text.String(), nil
}

// plainName turns ":woman’s_hat:" into "woman's hat": straight quotes, no accents.
func plainName(name string) string {
	name = strings.ReplaceAll(strings.Trim(name, ":"), "_", " ")
	name = strings.NewReplacer("’", "'", "‘", "'", "“", "", "”", "").Replace(name)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(name))
}
