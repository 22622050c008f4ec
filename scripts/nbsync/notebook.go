package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// notebook is an .ipynb file whose cells can be rewritten without touching anything else.
type notebook struct {
	path  string
	raw   map[string]json.RawMessage
	all   []map[string]json.RawMessage // every cell
	cells []cell                       // the code cells
}

// cell is one code cell.
type cell struct {
	number int // among the code cells, from 1
	source string
	fields map[string]json.RawMessage
}

func readNotebook(path string) (*notebook, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	book := &notebook{path: path}
	if err := json.Unmarshal(content, &book.raw); err != nil {
		return nil, fmt.Errorf("%s: is not a notebook: %w", path, err)
	}
	if err := json.Unmarshal(book.raw["cells"], &book.all); err != nil {
		return nil, fmt.Errorf("%s: has no cells: %w", path, err)
	}
	for _, fields := range book.all {
		if string(fields["cell_type"]) != `"code"` {
			continue
		}
		source, err := sourceOf(fields["source"])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		book.cells = append(book.cells, cell{len(book.cells) + 1, source, fields})
	}
	return book, nil
}

// sourceOf reads a cell's text, which is a string or a list of lines.
func sourceOf(raw json.RawMessage) (string, error) {
	var whole string
	if json.Unmarshal(raw, &whole) == nil {
		return whole, nil
	}
	var lines []string
	err := json.Unmarshal(raw, &lines)
	return strings.Join(lines, ""), err
}

// declarations is the part of a cell that is Go source at the top level: magics are taken out, and
// what follows %% is the body of main.
func (c *cell) declarations() string {
	var kept []string
	for _, line := range strings.Split(c.source, "\n") {
		if strings.HasPrefix(line, "%%") || strings.HasPrefix(line, "%main") {
			break
		}
		if !strings.HasPrefix(line, "%") && !strings.HasPrefix(line, "!") {
			kept = append(kept, line)
		}
	}
	return "package main\n" + strings.Join(kept, "\n")
}

// compare counts the definitions that the packages have too and lists those that differ.
func (c *cell) compare(library map[string]definition) (compared int, problems []string, err error) {
	found, err := definitions(c.declarations(), fmt.Sprintf("cell %d", c.number))
	if err != nil {
		return 0, nil, err
	}
	for _, mine := range found {
		theirs, known := library[mine.name]
		if !known {
			continue
		}
		compared++
		if mine.tree != theirs.tree {
			problems = append(problems, fmt.Sprintf("cell %d: %s differs from %s\n%s", c.number, mine.name, theirs.place, difference(mine.tree, theirs.tree)))
		}
	}
	return compared, problems, nil
}

// difference shows what lies between the common beginning and the common end of two texts.
func difference(cell, library string) string {
	a, b := strings.Split(cell, "\n"), strings.Split(library, "\n")
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	var out []string
	for _, line := range a {
		out = append(out, "  cell    "+line)
	}
	for _, line := range b {
		out = append(out, "  package "+line)
	}
	return strings.Join(out, "\n")
}

// rewrite puts the packages' text in place of the cell's, where they differ.
func (c *cell) rewrite(library map[string]definition) error {
	found, err := definitions(c.declarations(), fmt.Sprintf("cell %d", c.number))
	if err != nil {
		return err
	}
	for _, mine := range found {
		if theirs, known := library[mine.name]; known && mine.tree != theirs.tree {
			c.source = strings.Replace(c.source, mine.source, theirs.source, 1)
		}
	}
	encoded, err := json.Marshal(strings.SplitAfter(c.source, "\n"))
	c.fields["source"] = encoded
	return err
}

func (b *notebook) save() error {
	cells, err := json.Marshal(b.all)
	if err != nil {
		return err
	}
	b.raw["cells"] = cells
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(b.raw); err != nil {
		return err
	}
	return os.WriteFile(b.path, out.Bytes(), 0o644)
}
