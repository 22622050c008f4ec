package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"seemore/pkg/backend"
)

// block is a part of README.md that a results file decides: from "<!-- bench scripts/bench/results/cpu.json
// step -->" to "<!-- end -->".
var block = regexp.MustCompile(`(?s)(<!-- bench (\S+) ([a-z-]+) -->\n).*?(<!-- end -->)`)

// readme writes the tables of README.md anew, or only checks that they are what the files say.
func readme(check bool) error {
	root, err := backend.Checkout()
	if err != nil {
		return err
	}
	path := filepath.Join(root, "README.md")
	is, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	should, err := withTables(string(is), root)
	if err != nil {
		return err
	}
	if !check {
		return os.WriteFile(path, []byte(should), 0o644)
	}
	if should != string(is) {
		return errors.New("README.md's tables are not what the results say: go run ./scripts/bench readme")
	}
	return nil
}

// withTables puts the tables in their blocks.
func withTables(text, root string) (string, error) {
	var failed error
	replaced := block.ReplaceAllStringFunc(text, func(found string) string {
		parts := block.FindStringSubmatch(found)
		r, err := readReport(filepath.Join(root, parts[2]))
		if err != nil {
			failed = errors.Join(failed, err)
			return found
		}
		table, err := r.table(parts[3])
		failed = errors.Join(failed, err)
		return parts[1] + table + parts[4]
	})
	return replaced, failed
}

func readReport(path string) (report, error) {
	var r report
	content, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// table is the Markdown of one kind of comparison; "machine" is the line that says where and with what.
func (r report) table(what string) (string, error) {
	if what == "machine" {
		return r.provenance(), nil
	}
	t, found := tables[what]
	if !found {
		return "", fmt.Errorf("README.md asks for a table of %q", what)
	}
	rows := [][]string{t.header}
	for _, c := range r.Results {
		if c.What == what {
			rows = append(rows, t.row(r, c))
		}
	}
	var text strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&text, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&text, "|%s\n", strings.Repeat(" --- |", len(row)))
		}
	}
	return text.String(), nil
}

// tables are how the kinds of comparison look.
var tables = map[string]struct {
	header []string
	row    func(report, comparison) []string
}{
	"step": {
		[]string{"training step", "ours", "beside it", "ratio (lowest to highest)", "of the matrix-product peak"},
		func(r report, c comparison) []string {
			share := ""
			if l := c.Limit; l != nil {
				share = fmt.Sprintf("%.0f of %.0f GFLOP/s, %.0f %%", l.OursGFLOPS, l.PeakGFLOPS, 100*l.Fraction)
			}
			return append(r.row(c), share)
		},
	},
	"generate": {
		[]string{"writing 64 characters about one picture", "ours", "beside it", "ratio (lowest to highest)"},
		report.row,
	},
	"first-loss": {
		[]string{"from a process's start to its first loss", "ours", "beside it", "ratio (lowest to highest)", "go build of an edited cell"},
		func(r report, c comparison) []string { return append(r.row(c), milliseconds(c.BuildMS)) },
	},
	"memory": {
		[]string{"peak memory of 30 steps", "ours", "beside it", "ratio"},
		func(r report, c comparison) []string {
			return []string{c.Model, mib(c.Memory.OursMiB, c.Memory.OursGPUMiB), r.peerName(c.Peer) + ", " + mib(c.Memory.PeerMiB, c.Memory.PeerGPUMiB), fmt.Sprintf("%.2f", c.Ratio)}
		},
	},
	"grow": {
		[]string{"what grows", "time", "times the first", "peak memory", "opening the set"},
		func(r report, c comparison) []string {
			opening := ""
			if c.OpenMS > 0 {
				opening = milliseconds(c.OpenMS)
			}
			return []string{fmt.Sprintf("%s, %s %s", c.Model, thousands(c.At), c.Axis), milliseconds(c.OursMS), fmt.Sprintf("%.2f", c.Ratio), mib(c.Memory.OursMiB, 0), opening}
		},
	},
}

// row is what most tables show.
func (r report) row(c comparison) []string {
	name := c.Model
	if c.Variant != "" {
		name += ", " + c.Variant
	}
	return []string{name, milliseconds(c.OursMS), r.peerName(c.Peer) + ", " + milliseconds(c.PeerMS),
		fmt.Sprintf("%.2f (%.2f to %.2f)", c.Ratio, c.RatioMin, c.RatioMax)}
}

// peerName is a peer with its version.
func (r report) peerName(peer string) string {
	switch peer {
	case "torch":
		return "PyTorch " + r.Versions["torch"] + " eager"
	case "torch.compile":
		return "PyTorch " + r.Versions["torch"] + " compiled"
	case "torch-original":
		return "the original's file, PyTorch " + r.Versions["torch"]
	case "jax":
		return "JAX " + r.Versions["jax"] + " jitted"
	default:
		return peer
	}
}

// provenance is a sentence about the machine, the versions and the date.
func (r report) provenance() string {
	var with []string
	for _, name := range shown {
		if version := r.Versions[name]; version != "" {
			with = append(with, name+" "+strings.TrimPrefix(version, "v"))
		}
	}
	return fmt.Sprintf("%s, %s, device %s, float32 without TF32; %s.\n", r.Date, r.Machine, r.Device, strings.Join(with, ", "))
}

// shown are the versions that README names.
var shown = []string{"Go", "GoMLX", "go-xla", "lammps-jax-pjrt-cpu", "jax-cuda13-pjrt", "torch", "jax"}

func milliseconds(ms float64) string {
	switch {
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 100:
		return fmt.Sprintf("%.1f ms", ms)
	default:
		return thousands(ms) + " ms"
	}
}

func mib(resident, gpu float64) string {
	text := thousands(resident) + " MiB"
	if gpu > 0 {
		text += ", GPU " + thousands(gpu) + " MiB"
	}
	return text
}

// thousands writes a whole number with commas.
func thousands(value float64) string {
	digits := fmt.Sprintf("%.0f", value)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
