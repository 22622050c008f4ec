package main

import (
	"bufio"
	"cmp"
	"fmt"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var pinned = regexp.MustCompile(`(?m)^([a-z0-9-]+)==(\S+)`)

// pythonPackages are those that a file pins, with the licence that their metadata states as SPDX does, else the ones that are
// recognised in their licence files, else what the metadata says in other words.
func pythonPackages(pins, venv string) ([]component, error) {
	content, err := os.ReadFile(pins)
	if err != nil {
		return nil, err
	}
	folders, err := filepath.Glob(filepath.Join(venv, "lib", "python3*", "site-packages", "*.dist-info"))
	if err != nil {
		return nil, err
	}
	installed := map[string]string{}
	for _, folder := range folders {
		name, _, _ := strings.Cut(filepath.Base(folder), "-")
		installed[normalised(name)] = folder
	}
	var components []component
	for _, pin := range pinned.FindAllStringSubmatch(string(content), -1) {
		folder, ok := installed[pin[1]]
		if !ok {
			return nil, fmt.Errorf("%s is not in %s: run scripts/setup.sh", pin[1], venv)
		}
		licence, err := ofPackage(folder)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", folder, err)
		}
		components = append(components, component{pin[1], pin[2], cmp.Or(known[pin[1]], licence)})
	}
	return components, nil
}

// normalised is a package's name as pins write it.
func normalised(name string) string {
	return strings.ToLower(regexp.MustCompile(`[-_.]+`).ReplaceAllString(name, "-"))
}

func ofPackage(folder string) (string, error) {
	file, err := os.Open(filepath.Join(folder, "METADATA"))
	if err != nil {
		return "", err
	}
	defer file.Close()
	metadata, err := textproto.NewReader(bufio.NewReader(file)).ReadMIMEHeader()
	if err != nil && len(metadata) == 0 {
		return "", err
	}
	if stated := metadata.Get("License-Expression"); stated != "" {
		return stated, nil
	}
	var files []string
	for _, pattern := range []string{"*", "licenses/*", "licenses/*/*"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return "", err
		}
		for _, path := range found {
			if info, err := os.Stat(path); err == nil && !info.IsDir() && licenceFile.MatchString(filepath.Base(path)) {
				files = append(files, path)
			}
		}
	}
	licence, err := recognise(files)
	return cmp.Or(licence, inOtherWords(metadata)), err
}

// inOtherWords is the licence of metadata older than SPDX's names.
func inOtherWords(metadata textproto.MIMEHeader) string {
	for _, classifier := range metadata["Classifier"] {
		if name, ok := strings.CutPrefix(classifier, "License :: OSI Approved :: "); ok {
			return name
		}
	}
	if stated := metadata.Get("License"); stated != "UNKNOWN" && !strings.Contains(stated, "\n") {
		return stated
	}
	return ""
}
