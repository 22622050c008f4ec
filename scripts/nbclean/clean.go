package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// fields are a JSON object.
type fields = map[string]any

// What stays of the metadata of a notebook, of its language and of a cell.
var (
	notebookMetadata = []string{"kernelspec", "language_info", "seemore", "title"}
	languageInfo     = []string{"name", "file_extension", "mimetype", "pygments_lexer"}
	cellMetadata     = []string{"tags"}
)

// runTimes are what commands and cells of this project say about how long something took.
var runTimes = regexp.MustCompile(`  [0-9.]+ s a step, [0-9hms.]+ left|, in [0-9hms.]+s\b`)

// clean is the notebook in the form that Jupyter writes, without what changes with every run.
func clean(content []byte) ([]byte, error) {
	var notebook fields
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber() // no digit of a curve changes
	if err := decoder.Decode(&notebook); err != nil {
		return nil, fmt.Errorf("is not a notebook: %w", err)
	}
	cells, ok := notebook["cells"].([]any)
	if !ok {
		return nil, fmt.Errorf("is not a notebook: it has no cells")
	}
	// The newest format without ids of cells, which editors draw by lot.
	notebook["nbformat"], notebook["nbformat_minor"] = 4, 4
	metadata := keep(notebook["metadata"], notebookMetadata)
	if language, ok := metadata["language_info"]; ok {
		metadata["language_info"] = keep(language, languageInfo)
	}
	if made, ok := metadata["seemore"].(fields); ok {
		delete(made, "commit") // a file cannot name the commit that it is part of
	}
	notebook["metadata"] = metadata
	for i, cell := range cells {
		cell, ok := cell.(fields)
		if !ok {
			return nil, fmt.Errorf("is not a notebook: cell %d is no object", i+1)
		}
		cleanCell(cell)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(notebook)
	return out.Bytes(), err
}

// keep is the part of an object that has certain names.
func keep(object any, names []string) fields {
	kept := fields{}
	if object, ok := object.(fields); ok {
		for _, name := range names {
			if value, ok := object[name]; ok {
				kept[name] = value
			}
		}
	}
	return kept
}

func cleanCell(cell fields) {
	delete(cell, "id")
	cell["metadata"] = keep(cell["metadata"], cellMetadata)
	cell["source"] = lines(text(cell["source"]))
	if cell["cell_type"] != "code" {
		return
	}
	cell["execution_count"] = nil
	outputs, _ := cell["outputs"].([]any)
	kept := []any{}
	for _, output := range outputs {
		if output, ok := output.(fields); ok {
			kept = addOutput(kept, output)
		}
	}
	cell["outputs"] = kept
}

// addOutput adds an output, or its text to a stream that ends the list: where the kernel cut a stream is
// chance.
func addOutput(outputs []any, output fields) []any {
	delete(output, "transient")
	if _, counted := output["execution_count"]; counted {
		output["execution_count"] = nil
	}
	if output["output_type"] != "stream" {
		if isEmpty(output) {
			return outputs
		}
		return append(outputs, output)
	}
	whole := text(output["text"])
	if len(outputs) > 0 {
		last, _ := outputs[len(outputs)-1].(fields)
		if last["output_type"] == "stream" && last["name"] == output["name"] {
			last["text"] = lines(text(last["text"]) + withoutRunTimes(whole))
			return outputs
		}
	}
	output["text"] = lines(withoutRunTimes(whole))
	return append(outputs, output)
}

// isEmpty tells whether an output is HTML without anything in it: what a control leaves when it is gone.
func isEmpty(output fields) bool {
	data, _ := output["data"].(fields)
	page, found := data["text/html"]
	return found && len(data) == 1 && strings.TrimSpace(text(page)) == ""
}

func withoutRunTimes(text string) string { return runTimes.ReplaceAllString(text, "") }

// text joins what a notebook holds as a string or as a list of lines.
func text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case []any:
		var whole strings.Builder
		for _, line := range value {
			line, _ := line.(string)
			whole.WriteString(line)
		}
		return whole.String()
	}
	return ""
}

// lines is a text as a list of lines, each with its end.
func lines(text string) []any {
	list := []any{}
	for line := range strings.Lines(text) {
		list = append(list, line)
	}
	return list
}
