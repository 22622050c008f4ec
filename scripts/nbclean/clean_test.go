package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// executed is a notebook as an editor leaves it; noise stands for what another run writes differently.
func executed(noise string, cuts ...string) string {
	streams := make([]string, len(cuts))
	for i, cut := range cuts {
		encoded, _ := json.Marshal(cut)
		streams[i] = `{"output_type": "stream", "name": "stdout", "text": ` + string(encoded) + `}`
	}
	return `{"nbformat": 4, "nbformat_minor": 5,
	"metadata": {"kernelspec": {"name": "gonb"}, "language_info": {"name": "go", "version": "` + noise + `"},
		"seemore": {"seeds": [1], "commit": "` + noise + `"}, "widgets": {"` + noise + `": 1}},
	"cells": [{"cell_type": "markdown", "id": "` + noise + `", "metadata": {}, "source": ["# A\n", "b"]},
	{"cell_type": "code", "id": "b` + noise + `", "execution_count": 7, "source": "%%\nx := 1 < 2",
		"metadata": {"tags": ["keep"], "execution": {"iopub.status.busy": "` + noise + `"}},
		"outputs": [` + strings.Join(streams, ",") + `,
		{"output_type": "display_data", "metadata": {}, "data": {"text/html": [" \n"]}},
		{"output_type": "display_data", "metadata": {}, "transient": {"display_id": "` + noise + `"},
			"data": {"text/plain": "loss & <b>", "application/vnd.plotly.v1+json": {"data": [{"y": [0.10, 1e-05, 12345678901234567]}]}}}]}]}`
}

func cleaned(t *testing.T, notebook string) string {
	t.Helper()
	out, err := clean([]byte(notebook))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestTwoRunsLeaveTheSame(t *testing.T) {
	first := cleaned(t, executed("aaa", "step 1: loss 2.5  0.10 s a step, 9s left\nst", "ep 2: loss 2.1  0.11 s a step, 1m0s left\n", "2 pictures, in 1.2s\n"))
	second := cleaned(t, executed("zzz", "step 1: loss 2.5  0.35 s a step, 1m9s left\nstep 2: loss 2.1  0.2 s a step, 0s left\n2 pictures, in 900ms\n"))
	if first != second {
		t.Errorf("two runs differ:\n%s\n%s", first, second)
	}
	if strings.Contains(first, "text/html") {
		t.Errorf("an empty output stays:\n%s", first)
	}
	for _, want := range []string{`"step 2: loss 2.1\n"`, `"2 pictures\n"`, `"%%\n"`, `"x := 1 < 2"`, "loss & <b>", "0.10", "1e-05", "12345678901234567", `"keep"`, `"seeds"`} {
		if !strings.Contains(first, want) {
			t.Errorf("%s is gone:\n%s", want, first)
		}
	}
}

func TestCleanIsClean(t *testing.T) {
	once := cleaned(t, executed("aaa", "x\n"))
	if twice := cleaned(t, once); twice != once {
		t.Errorf("cleaned twice it differs:\n%s\n%s", once, twice)
	}
}

func TestStreamsOfDifferentNamesStayApart(t *testing.T) {
	notebook := strings.Replace(executed("a", "out\n", "err\n"), `"stdout"`, `"stderr"`, 1)
	if got := strings.Count(cleaned(t, notebook), `"output_type": "stream"`); got != 2 {
		t.Errorf("%d streams, expected 2", got)
	}
}

func TestCheckWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.ipynb")
	before := []byte(executed("aaa", "x\n"))
	if err := os.WriteFile(path, before, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"--check", path}); err == nil || !strings.Contains(err.Error(), "a.ipynb") {
		t.Errorf("a notebook with noise passes: %v", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("--check wrote the notebook")
	}
	if err := run([]string{path}); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"--check", path}); err != nil {
		t.Errorf("a cleaned notebook fails: %v", err)
	}
}

func TestNotANotebook(t *testing.T) {
	for _, content := range []string{"", "[]", "{}", `{"cells": 3}`, `{"cells": [3]}`} {
		if _, err := clean([]byte(content)); err == nil || !strings.Contains(err.Error(), "is not a notebook") {
			t.Errorf("%q: error %v", content, err)
		}
	}
}
