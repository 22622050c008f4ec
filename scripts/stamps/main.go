// Command stamps builds a data set of captioned pictures from the stamps of Tux Paint, a drawing program
// for children: photographs of things cut out of their background, and drawings, each with a sentence in a
// .txt file beside it.
//
// The splits of metadata.csv:
//
//	train        nine tenths of the captions
//	new_concept  the rest, captions that training never sees
package main

import (
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"seemore/pkg/captions"
)

func main() {
	from := flag.String("stamps", "", "folder of Tux Paint's stamps")
	out := flag.String("out", "", "folder to build")
	flag.Parse()
	if err := build(*from, *out); err != nil {
		fmt.Fprintln(os.Stderr, "stamps:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

// mostSide is the largest width or height of a picture that is used, in pixels.
const mostSide = 4096

// skipped is why a stamp is not used.
type skipped string

func (s skipped) Error() string { return string(s) }

// build makes the folder: a PNG and a .txt for each stamp that can be used, and metadata.csv.
func build(from, out string) error {
	rows, counts := [][]string{{"file_name", "text", "split"}}, map[string]int{}
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".txt" {
			return err
		}
		caption, picture, err := read(path)
		var why skipped
		if errors.As(err, &why) {
			counts["skipped: "+string(why)]++
			return nil
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, strings.TrimSuffix(path, ".txt")+".png")
		if err != nil {
			return err
		}
		if err := save(filepath.Join(out, name), caption, picture); err != nil {
			return err
		}
		split := splitOf(caption)
		rows = append(rows, []string{filepath.ToSlash(name), caption, split})
		counts["kept: "+split]++
		return nil
	})
	if err != nil {
		return err
	}
	if len(rows) == 1 {
		return fmt.Errorf("%s holds no stamp that can be used", from)
	}
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		fmt.Printf("%5d %s\n", counts[what], what)
	}
	return writeTable(filepath.Join(out, "metadata.csv"), rows)
}

// read reads a stamp: the caption in the named .txt file and the picture beside it.
func read(path string) (caption string, picture image.Image, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	content, err := os.ReadFile(strings.TrimSuffix(path, ".txt") + ".png")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, skipped("no PNG, most of these are SVG")
	}
	if err != nil {
		return "", nil, err
	}
	if caption, err = captionOf(string(text)); err != nil {
		return "", nil, err
	}
	picture, err = onPaper(content)
	return caption, picture, err
}

// save writes the picture and its caption beside it.
func save(path, caption string, picture image.Image) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(strings.TrimSuffix(path, ".png")+".txt", []byte(caption+"\n"), 0o644); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(png.Encode(file, picture), file.Close())
}

func writeTable(path string, rows [][]string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(csv.NewWriter(file).WriteAll(rows), file.Close())
}

// onPaper lays a picture on white, pads it to a square and scales it to 96x96. Under transparent pixels
// the stamps hold anything, so white comes before scaling.
func onPaper(content []byte) (image.Image, error) {
	const size = 96
	config, err := png.DecodeConfig(strings.NewReader(string(content)))
	if err != nil {
		return nil, skipped("damaged PNG")
	}
	if max(config.Width, config.Height) > mostSide {
		return nil, skipped(fmt.Sprintf("larger than %d pixels", mostSide))
	}
	drawn, err := captions.DecodeImage(content, captions.AlphaOverWhite)
	if err != nil {
		return nil, skipped("damaged PNG")
	}
	return captions.Resize(square(drawn), size), nil
}
