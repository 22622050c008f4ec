package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// licenceFile matches the names under which licences are kept.
var licenceFile = regexp.MustCompile(`(?i)^(licen[sc]es?|copying|unlicense|ofl)([-._].*)?$`)

// goModules are the modules of the packages that a build needs, without our own.
func goModules(folder string, patterns ...string) ([]component, error) {
	list := exec.Command("go", append([]string{"list", "-deps", "-json=Dir,Module"}, patterns...)...)
	list.Dir, list.Stderr = folder, os.Stderr
	said, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list in %s: %w", folder, err)
	}
	type module struct{ Path, Version, Dir string }
	folders := map[module][]string{} // of the packages in use
	for decoder := json.NewDecoder(strings.NewReader(string(said))); ; {
		var found struct {
			Dir    string
			Module *module
		}
		if err := decoder.Decode(&found); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if found.Module != nil && found.Module.Version != "" {
			folders[*found.Module] = append(folders[*found.Module], found.Dir)
		}
	}
	var components []component
	for m, used := range folders {
		licence, err := ofModule(m.Dir, used)
		if err != nil {
			return nil, err
		}
		components = append(components, component{m.Path, m.Version, cmp.Or(known[m.Path], licence)})
	}
	slices.SortFunc(components, func(a, b component) int { return cmp.Compare(a.name, b.name) })
	return components, nil
}

// ofModule are the licences in the folders from the module's down to each package in use.
func ofModule(root string, used []string) (string, error) {
	seen := map[string]bool{}
	var files []string
	for _, folder := range used {
		for ; !seen[folder] && strings.HasPrefix(folder, root); folder = filepath.Dir(folder) {
			seen[folder] = true
			entries, err := os.ReadDir(folder)
			if err != nil {
				return "", err
			}
			for _, entry := range entries {
				if licenceFile.MatchString(entry.Name()) && !entry.IsDir() {
					files = append(files, filepath.Join(folder, entry.Name()))
				}
			}
		}
	}
	return recognise(files)
}

// recognise are the licences in the files, by their SPDX names.
func recognise(files []string) (string, error) {
	var names []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		for _, match := range licensecheck.Scan(content).Match {
			if !match.IsURL {
				names = append(names, match.ID)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", "), nil
}
