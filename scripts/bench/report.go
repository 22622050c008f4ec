package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// report is what --out gets: the results, and where and with what they were measured.
type report struct {
	Date       string            `json:"date"`
	Device     string            `json:"device"`
	Machine    machine           `json:"machine"`
	LoadBefore string            `json:"load_before,omitempty"` // the machine's, of 1, 5 and 15 minutes: others disturb
	Rounds     int               `json:"rounds"`
	Steps      int               `json:"steps"` // of each in a round, where they do not take long
	Versions   map[string]string `json:"versions"`
	Results    []comparison      `json:"results"`
	PassedOver []string          `json:"passed_over,omitempty"` // peers that do not run here
	Notes      []string          `json:"notes,omitempty"`       // what a reader of the results should know
}

// machine is where a report was made.
type machine struct {
	Processor string  `json:"processor"`
	Cores     int     `json:"cores"`
	MemoryGiB float64 `json:"memory_gib"`
	GPU       string  `json:"gpu,omitempty"`
	Allocator string  `json:"allocator,omitempty"` // ours, if it is not the system's, see scripts/env.sh
}

// String is the machine in a line.
func (m machine) String() string {
	line := fmt.Sprintf("%s, %d cores, %.0f GiB", m.Processor, m.Cores, m.MemoryGiB)
	if m.GPU != "" {
		line += ", " + m.GPU
	}
	if m.Allocator != "" {
		line += ", ours with " + m.Allocator
	}
	return line
}

func newReport(b *bench) report {
	load, _ := os.ReadFile("/proc/loadavg") // of Linux only
	return report{
		Date: time.Now().UTC().Format(time.DateOnly), Device: b.device, Machine: thisMachine(), Versions: b.versions(),
		LoadBefore: strings.Join(firstFields(string(load), 3), " "), Rounds: b.rounds, Steps: b.steps,
	}
}

func firstFields(text string, n int) []string {
	fields := strings.Fields(text)
	return fields[:min(n, len(fields))]
}

// save writes the report; no path, no file.
func (r report) save(path string) error {
	if path == "" {
		return nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}

// thisMachine asks Linux; elsewhere it is the architecture and the cores.
func thisMachine() machine {
	m := machine{Processor: runtime.GOARCH, Cores: runtime.NumCPU()}
	if name := lineOf("/proc/cpuinfo", "model name"); name != "" {
		m.Processor = name
	}
	kib, _ := strconv.ParseFloat(strings.TrimSuffix(lineOf("/proc/meminfo", "MemTotal"), " kB"), 64)
	m.MemoryGiB = float64(int(kib/1024/1024*10)) / 10
	if strings.Contains(os.Getenv("LD_PRELOAD"), "jemalloc") {
		m.Allocator = "jemalloc"
	}
	gpu, err := exec.Command("nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader").Output()
	if err == nil {
		name, driver, _ := strings.Cut(strings.TrimSpace(string(gpu)), ", ")
		m.GPU = fmt.Sprintf("%s, driver %s", name, driver)
	}
	return m
}

// lineOf is the value of the first line of a file that begins with a name and a colon.
func lineOf(path, name string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(content)) {
		key, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// versions are those of what is measured: ours from the build, Python's from the peers' environment and
// from the project's, where XLA's plugin is.
func (b *bench) versions() map[string]string {
	found := map[string]string{"Go": strings.TrimPrefix(runtime.Version(), "go")}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			switch module.Path {
			case "github.com/gomlx/gomlx":
				found["GoMLX"] = module.Version
			case "github.com/gomlx/go-xla":
				found["go-xla"] = module.Version
			}
		}
	}
	for _, python := range []string{filepath.Join(b.root, ".venv/bin/python"), b.python} {
		output, err := exec.Command(python, "-B", filepath.Join(b.root, "scripts/peers/versions.py")).Output()
		if err == nil {
			_ = json.Unmarshal(output, &found) // what cannot be read is not listed
		}
	}
	return found
}
