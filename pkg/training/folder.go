package training

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/ui/plot"

	"seemore/pkg/backend"
)

// The variables by which scripts/run.sh steers the notebooks.
const (
	envSteps = "SEEMORE_STEPS" // at most so many training steps
	envRuns  = "SEEMORE_RUNS"  // the folder of run folders
)

// Steps is n, or the smaller number that scripts/run.sh --steps asked for.
func Steps(n int) int {
	if limit, err := strconv.Atoi(os.Getenv(envSteps)); err == nil && limit > 0 {
		return min(n, limit)
	}
	return n
}

// RunsFolder is where notebooks keep their runs: runs/ in the checkout, or where scripts/run.sh
// says.
func RunsFolder() string {
	if folder := os.Getenv(envRuns); folder != "" {
		return folder
	}
	root, err := backend.Checkout()
	if err != nil {
		root = "."
	}
	return filepath.Join(root, "runs")
}

// NewFolder names a run folder that does not exist yet: runs/<name>, then runs/<name>-2 and so on,
// so that a cell that is run again adds a run instead of replacing one.
func NewFolder(name string) string {
	for i := 1; ; i++ {
		folder := numbered(name, i)
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return folder
		}
	}
}

// LatestFolder is the run folder that [NewFolder] named last, or an error if there is none.
func LatestFolder(name string) (string, error) {
	folders := Folders(name)
	if len(folders) == 0 {
		return "", fmt.Errorf("there is no run %s yet: run the cell that trains it", numbered(name, 1))
	}
	return folders[len(folders)-1], nil
}

// Folders lists the run folders of a name, oldest first.
func Folders(name string) []string {
	var folders []string
	for i := 1; ; i++ {
		if _, err := os.Stat(numbered(name, i)); err != nil {
			return folders
		}
		folders = append(folders, numbered(name, i))
	}
}

// LatestOfEachSeed are the newest run folders of a name, one for each seed, in the order of the seeds:
// the repetitions of an experiment, without what it was before its last change.
func LatestOfEachSeed(name string) ([]string, error) {
	latest := map[int64]string{}
	for _, folder := range Folders(name) {
		config, err := ReadConfig(folder)
		if err != nil {
			return nil, err
		}
		latest[config.Seed] = folder
	}
	if len(latest) == 0 {
		return nil, fmt.Errorf("there is no run %s yet: run the cell that trains it", numbered(name, 1))
	}
	var folders []string
	for _, seed := range slices.Sorted(maps.Keys(latest)) {
		folders = append(folders, latest[seed])
	}
	return folders, nil
}

// MustLatestOfEachSeed is LatestOfEachSeed for notebook cells: it panics on an error.
func MustLatestOfEachSeed(name string) []string {
	folders, err := LatestOfEachSeed(name)
	if err != nil {
		panic(err)
	}
	return folders
}

func numbered(name string, i int) string {
	if i > 1 {
		name += "-" + strconv.Itoa(i)
	}
	return filepath.Join(RunsFolder(), name)
}

const configFile = "config.json"

// ReadConfig reads the configuration of a run folder.
func ReadConfig(folder string) (Config, error) {
	path := filepath.Join(folder, configFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, fmt.Errorf("%s is not a run folder: it has no %s", folder, configFile)
	}
	if err != nil {
		return Config{}, err
	}
	var config Config
	if err := json.Unmarshal(content, &config); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return config, nil
}

// openFolder writes the configuration into a new run folder, or checks that the one that is there is
// the same. A run in which nothing has been learned yet takes another one.
func openFolder(folder string, config Config) error {
	old, err := ReadConfig(folder)
	if _, statErr := os.Stat(filepath.Join(folder, configFile)); statErr == nil {
		if err != nil {
			return err // a config that is there but cannot be read
		}
		differences := old.differences(config)
		if len(differences) == 0 {
			return nil
		}
		// The file may also be one that other programs call so: it is no possible configuration then.
		if len(listCheckpoints(folder)) > 0 || old.Validate() != nil {
			return fmt.Errorf("%s was trained with another configuration: %s", folder, strings.Join(differences, "; "))
		}
	}
	content, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(folder, configFile), append(content, '\n'))
}

// writeFile replaces a file as a whole: after a crash it is the old one or the new one.
func writeFile(path string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), temporary)
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	err = errors.Join(err, file.Chmod(0o644))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// metricFile appends the points of a run's curves as they happen.
type metricFile struct {
	file    *os.File
	encoder *json.Encoder
}

// openMetrics opens the metric file of a run that continues at step: what an interrupted run wrote
// after its last checkpoint is dropped, since it will happen again.
func openMetrics(folder string, step int) (*metricFile, error) {
	path := filepath.Join(folder, plot.TrainingPlotFileName)
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	kept := slices.DeleteFunc(bytes.SplitAfter(content, []byte("\n")), func(line []byte) bool {
		var point plot.Point
		return json.Unmarshal(line, &point) != nil || point.Step >= float64(step)
	})
	whole := bytes.Join(kept, nil)
	if len(whole) > 0 && !bytes.HasSuffix(whole, []byte("\n")) {
		whole = append(whole, '\n')
	}
	if err := writeFile(path, whole); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &metricFile{file, json.NewEncoder(file)}, nil
}

func (m *metricFile) add(point plot.Point) error { return m.encoder.Encode(point) }

// sync forces the points to the disk.
func (m *metricFile) sync() error { return m.file.Sync() }

func (m *metricFile) close() error { return m.file.Close() }
