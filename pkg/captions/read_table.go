package captions

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// readTable reads a CSV file whose picture column holds base64 (b64string_images) or file names.
// Row numbers in messages count data rows from 1, as a spreadsheet shows them below the header.
func (r *reading) readTable(path, pictureColumn string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", path, errors.Unwrap(err))
	}
	defer file.Close()
	rows, err := newRows(file)
	if err != nil {
		return fmt.Errorf("%s: cannot be read: %w", path, err)
	}
	header, err := rows.next()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: is empty; expected a header with %s and caption", path, pictureColumn)
	}
	if err != nil {
		return fmt.Errorf("%s: is not CSV: the header: %w", path, err)
	}
	columns, err := columnsOf(header, pictureColumn)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for number := 1; ; number++ {
		begin := rows.offset()
		fields, err := rows.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		example := Example{Source: fmt.Sprintf("%s row %d", oneLine(path), number)}
		var broken rowError
		switch {
		case err != nil && !errors.As(err, &broken):
			return fmt.Errorf("%s: cannot be read: %w", example.Source, err)
		case err == nil && len(fields) != len(header):
			err = fmt.Errorf("the number of fields is %d, that of the header %d; a text with a comma needs quotes", len(fields), len(header))
		case err == nil:
			example.path, example.row = path, &field{begin, columns.picture}
			err = r.fill(&example, fields, columns)
		}
		if err := r.add(example, err); err != nil {
			return err
		}
	}
}

// fill takes an example from the fields of a row. What is kept is copied: a field is a part of its whole row.
func (r *reading) fill(example *Example, fields []string, columns columns) (err error) {
	example.Caption = strings.Clone(fields[columns.caption])
	if columns.split >= 0 {
		example.Split = strings.Clone(fields[columns.split])
	}
	if columns.named {
		example.row = nil
		return r.point(example, strings.Clone(fields[columns.picture]))
	}
	_, err = decodeBase64(fields[columns.picture]) // again whenever the picture is needed
	return err
}

// columns are the places of what is read; split is -1 where there is none.
type columns struct {
	picture, caption, split int
	named                   bool // the pictures are files
}

// columnsOf finds them in the header.
func columnsOf(header []string, pictureColumn string) (c columns, err error) {
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
	}
	for _, name := range []string{pictureColumn, "caption", "text", "split"} {
		if first := slices.Index(header, name); first >= 0 && slices.Contains(header[first+1:], name) {
			return c, fmt.Errorf("column %s is there twice", name)
		}
	}
	c = columns{slices.Index(header, pictureColumn), slices.Index(header, "caption"), slices.Index(header, "split"), pictureColumn == "file_name"}
	if c.caption < 0 {
		c.caption = slices.Index(header, "text")
	}
	whole := strings.Join(header, ", ")
	for _, separator := range []string{";", "\t", "|"} {
		if c.picture < 0 && slices.ContainsFunc(strings.Split(whole, separator), func(name string) bool { return strings.Trim(name, `" `) == pictureColumn }) {
			return c, fmt.Errorf("the fields are separated by %q, expected commas", separator)
		}
	}
	switch {
	case strings.HasPrefix(whole, "\xff\xfe") || strings.HasPrefix(whole, "\xfe\xff"):
		return c, errors.New("is text in UTF-16, expected UTF-8")
	case strings.Contains(whole, "\r"):
		return c, errors.New("the lines end with a carriage return alone, expected a line feed")
	case c.picture < 0:
		return c, fmt.Errorf("column %s is missing; found: %q", pictureColumn, shorten(whole))
	case c.caption < 0:
		return c, fmt.Errorf("column caption is missing; found: %q", shorten(whole))
	}
	return c, nil
}
