package captions

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// readTable reads a CSV file whose picture column holds base64 (b64string_images) or file names.
// Row numbers in messages count data rows from 1, as a spreadsheet shows them below the header.
func readTable(path, pictureColumn string) ([]Example, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", path, errors.Unwrap(err))
	}
	reader := csv.NewReader(bytes.NewReader(withoutMark(content)))
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: is empty; expected a header with %s and caption", path, pictureColumn)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: is not CSV: %w", path, err)
	}
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
	}
	missing := func(name string) error {
		return fmt.Errorf("%s: column %s is missing; found: %q", path, name, shorten(strings.Join(header, ", ")))
	}
	picture, split := slices.Index(header, pictureColumn), slices.Index(header, "split")
	if picture < 0 {
		return nil, missing(pictureColumn)
	}
	caption := slices.Index(header, "caption")
	if caption < 0 {
		caption = slices.Index(header, "text")
	}
	if caption < 0 {
		return nil, missing("caption")
	}
	var examples []Example
	for row := 1; ; row++ {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return examples, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", path, row, err)
		}
		example := Example{Caption: fields[caption], Source: fmt.Sprintf("%s row %d", path, row)}
		if split >= 0 {
			example.Split = fields[split]
		}
		if pictureColumn == "file_name" {
			err = example.pointTo(filepath.Dir(path), fields[picture])
		} else {
			example.image, err = decodeBase64(fields[picture])
		}
		if err == nil && strings.TrimSpace(example.Caption) == "" {
			err = errors.New("the caption is empty")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", example.Source, err)
		}
		examples = append(examples, example)
	}
}
