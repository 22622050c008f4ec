package captions

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"unicode/utf8"
)

// readLines reads metadata.jsonl: one JSON object a line.
func (r *reading) readLines(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", path, errors.Unwrap(err))
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxText)
	number := 0
	for lines.Scan() {
		number++
		line := bytes.TrimSpace(lines.Bytes())
		if number == 1 {
			line = bytes.TrimSpace(withoutMark(line))
		}
		if len(line) == 0 {
			continue
		}
		example := Example{Source: fmt.Sprintf("%s line %d", oneLine(path), number)}
		problem := r.parseLine(line, &example)
		if err := r.add(example, problem); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s line %d: cannot be read: %w", path, number+1, err)
	}
	return nil
}

// parseLine fills an example from a JSON object.
func (r *reading) parseLine(line []byte, example *Example) error {
	var record struct {
		FileName string `json:"file_name"`
		Text     string `json:"text"`
		Caption  string `json:"caption"`
		Split    string `json:"split"`
	}
	if !utf8.Valid(line) {
		return fmt.Errorf("found %q, expected text in UTF-8", shorten(string(line)))
	}
	if err := json.Unmarshal(line, &record); err != nil {
		return fmt.Errorf("found %q, expected a JSON object with the texts file_name and text", shorten(string(line)))
	}
	example.Caption, example.Split = cmp.Or(record.Caption, record.Text), record.Split
	if err := r.point(example, record.FileName); err != nil {
		return err
	}
	if example.Caption == "" {
		return errors.New("text is missing")
	}
	return nil
}
