package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkout makes a small checkout: one package file, one notebook of the given cells.
func checkout(t *testing.T, cells ...string) string {
	t.Helper()
	root := t.TempDir()
	var list []map[string]any
	for _, source := range cells {
		list = append(list, map[string]any{"cell_type": "code", "source": strings.SplitAfter(source, "\n"), "outputs": []any{}, "metadata": map[string]any{}})
	}
	book, err := json.Marshal(map[string]any{"cells": list, "nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{
		"pkg/vlm/double.go":        "package vlm\n\n// Double doubles.\nfunc Double(x int) int {\n\treturn Half(4 * x) // twice\n}\n",
		"notebooks/lesson.ipynb":   string(book),
		"pkg/vlm/double_test.go":   "package vlm\n\nfunc Double(broken",
		"pkg/captions/captions.go": "package captions\n",
	} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestSameButForCommentsAndLayout(t *testing.T) {
	root := checkout(t, "import \"seemore/pkg/vlm\"\n\nfunc Double(x int) int {\n  return vlm.Half(4*x)\n}\n\n%%\nthis is := not the top level")
	if err := run(root, false); err != nil {
		t.Error(err)
	}
}

func TestDifferenceNamesCellAndFile(t *testing.T) {
	root := checkout(t, "%% \nprintln(1)", "func Double(x int) int { return vlm.Half(5 * x) }")
	err := run(root, false)
	want := "lesson.ipynb cell 2: Double differs from pkg/vlm/double.go\n  cell    \treturn Half(5 * x)\n  package \treturn Half(4 * x)"
	if err == nil || err.Error() != want {
		t.Fatalf("error is %v", err)
	}
	if err := run(root, true); err != nil {
		t.Fatalf("after -write: %v", err)
	}
	if err := run(root, false); err != nil {
		t.Errorf("after -write: %v", err)
	}
}

func TestNothingToCompareIsAnError(t *testing.T) {
	if err := run(checkout(t, "func Other() {}"), false); err == nil {
		t.Error("no error")
	}
	if err := run(checkout(t, "func Double( {"), false); err == nil || !strings.Contains(err.Error(), "cell 1") {
		t.Errorf("a cell that does not parse: %v", err)
	}
}
