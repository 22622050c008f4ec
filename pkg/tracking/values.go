package tracking

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
)

// parameter and metric are what the server's runs/log-batch takes.
type parameter struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

type metric struct {
	Key       string `json:"key"`
	Value     number `json:"value"`
	Timestamp int64  `json:"timestamp"` // milliseconds
	Step      int64  `json:"step"`
}

// number is a value that may be NaN or infinite, which the server takes as a word.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	switch value := float64(n); {
	case math.IsNaN(value):
		return []byte(`"NaN"`), nil
	case math.IsInf(value, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(value, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(value)
	}
}

// list are parameters by their names, sorted. What is no string is written as JSON.
func list(fields map[string]any) []parameter {
	var parameters []parameter
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parameters = append(parameters, parameter{cleanName(name), cut(text(fields[name]), maxValue)})
	}
	return parameters
}

// text is a string as it is, anything else as JSON.
func text(value any) string {
	if already, ok := value.(string); ok {
		return already
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}

// cut is the first n characters.
func cut(text string, n int) string {
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n])
	}
	return text
}

// cleanName turns a name into one that every server takes: letters, digits, "_-./ " and no path that
// could be written shorter.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("_-./ ", r):
			return r
		}
		return '_'
	}, name)
	name = strings.TrimPrefix(path.Clean("/"+cut(name, maxName)), "/")
	if name == "" {
		return "_"
	}
	return name
}
