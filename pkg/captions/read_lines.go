package captions

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// readLines reads metadata.jsonl: one JSON object a line.
func readLines(path string) ([]Example, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", path, errors.Unwrap(err))
	}
	var examples []Example
	for number, line := range bytes.Split(withoutMark(content), []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var record struct {
			FileName string `json:"file_name"`
			Text     string `json:"text"`
			Caption  string `json:"caption"`
			Split    string `json:"split"`
		}
		source := fmt.Sprintf("%s line %d", path, number+1)
		if err := json.Unmarshal(line, &record); err != nil {
			return nil, fmt.Errorf("%s: found %q, expected a JSON object with the texts file_name and text", source, shorten(string(line)))
		}
		example := Example{Caption: cmp.Or(record.Caption, record.Text), Split: record.Split, Source: source}
		if err := example.pointTo(filepath.Dir(path), record.FileName); err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		if strings.TrimSpace(example.Caption) == "" {
			return nil, fmt.Errorf("%s: text is missing", source)
		}
		examples = append(examples, example)
	}
	return examples, nil
}
