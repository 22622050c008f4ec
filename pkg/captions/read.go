package captions

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Open reads captioned pictures in any of the forms in which people have them:
//
//   - a CSV file with the columns b64string_images and caption, as the originals use;
//   - a folder with metadata.csv or metadata.jsonl: file_name, text or caption, perhaps split;
//   - a folder with a .txt file beside each picture.
func Open(path string) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be opened: %w", path, errors.Unwrap(err))
	}
	set := &Set{Name: strings.TrimSuffix(filepath.Base(path), ".csv")}
	if !info.IsDir() {
		set.Examples, err = readTable(path, "b64string_images")
	} else if metadata := filepath.Join(path, "metadata.csv"); exists(metadata) {
		set.Examples, err = readTable(metadata, "file_name")
	} else if metadata := filepath.Join(path, "metadata.jsonl"); exists(metadata) {
		set.Examples, err = readLines(metadata)
	} else {
		set.Examples, err = readPairs(path)
	}
	if err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, fmt.Errorf("%s: has no captioned picture; expected a CSV with b64string_images and caption, "+
			"a folder with metadata.csv or metadata.jsonl, or pictures with a .txt beside each", path)
	}
	return set, nil
}

// MustOpen is Open for notebook cells: it panics on an error.
func MustOpen(path string) *Set {
	set, err := Open(path)
	if err != nil {
		panic(err)
	}
	return set
}

// readTable reads a CSV file whose picture column holds base64 (b64string_images) or file names.
// Row numbers in messages count data rows from 1, as a spreadsheet shows them below the header.
func readTable(path, pictureColumn string) ([]Example, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", path, errors.Unwrap(err))
	}
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: is empty; expected a header with %s and caption", path, pictureColumn)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: is not CSV: %w", path, err)
	}
	picture := slices.Index(header, pictureColumn)
	caption := max(slices.Index(header, "caption"), slices.Index(header, "text"))
	split := slices.Index(header, "split")
	for name, column := range map[string]int{pictureColumn: picture, "caption": caption} {
		if column < 0 {
			return nil, fmt.Errorf("%s: column %s is missing; found: %s", path, name, shorten(strings.Join(header, ", ")))
		}
	}
	var examples []Example
	for row := 1; ; row++ {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return examples, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: row %d: %w", path, row, err)
		}
		example := Example{Caption: fields[caption], Source: fmt.Sprintf("%s row %d", path, row)}
		if split >= 0 {
			example.Split = fields[split]
		}
		if pictureColumn == "file_name" {
			err = example.pointTo(filepath.Dir(path), fields[picture])
		} else {
			example.image, err = decodeBase64(fields[picture])
		}
		if err == nil && strings.TrimSpace(example.Caption) == "" {
			err = errors.New("the caption is empty")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", example.Source, err)
		}
		examples = append(examples, example)
	}
}

// readLines reads metadata.jsonl: one JSON object a line.
func readLines(path string) ([]Example, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", path, errors.Unwrap(err))
	}
	var examples []Example
	for number, line := range bytes.Split(content, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var record struct {
			FileName string `json:"file_name"`
			Text     string `json:"text"`
			Caption  string `json:"caption"`
			Split    string `json:"split"`
		}
		source := fmt.Sprintf("%s line %d", path, number+1)
		if err := json.Unmarshal(line, &record); err != nil {
			return nil, fmt.Errorf("%s: is not a JSON object with file_name and text: %w", source, err)
		}
		example := Example{Caption: record.Text + record.Caption, Split: record.Split, Source: source}
		if err := example.pointTo(filepath.Dir(path), record.FileName); err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		if strings.TrimSpace(example.Caption) == "" {
			return nil, fmt.Errorf("%s: text is missing", source)
		}
		examples = append(examples, example)
	}
	return examples, nil
}

// readPairs reads a folder in which picture.txt holds the caption of picture.png.
func readPairs(folder string) ([]Example, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", folder, errors.Unwrap(err))
	}
	var examples []Example
	for _, entry := range entries {
		name := entry.Name()
		extension := filepath.Ext(name)
		if !slices.Contains(pictureExtensions, strings.ToLower(extension)) {
			continue
		}
		path := filepath.Join(folder, name)
		caption, err := os.ReadFile(strings.TrimSuffix(path, extension) + ".txt")
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: has no caption; expected %s.txt beside it", path, strings.TrimSuffix(name, extension))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: its caption cannot be read: %w", path, err)
		}
		text := strings.TrimSpace(string(caption))
		if text == "" {
			return nil, fmt.Errorf("%s: the caption in %s.txt is empty", path, strings.TrimSuffix(name, extension))
		}
		examples = append(examples, Example{Caption: text, Source: path, path: path})
	}
	return examples, nil
}

var pictureExtensions = []string{".png", ".jpg", ".jpeg", ".gif", ".webp"}

// pointTo makes the example's picture the named file below folder.
func (e *Example) pointTo(folder, name string) error {
	if name == "" {
		return errors.New("file_name is missing")
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("file_name %q leads out of the folder", name)
	}
	e.path = filepath.Join(folder, name)
	if !exists(e.path) {
		return fmt.Errorf("the picture %s does not exist", e.path)
	}
	return nil
}

// decodeBase64 accepts the dialects that spreadsheets and browsers write: a data URI, line breaks,
// missing padding, the URL alphabet.
func decodeBase64(text string) ([]byte, error) {
	if rest, found := strings.CutPrefix(text, "data:"); found {
		_, text, _ = strings.Cut(rest, ",")
	}
	text = strings.NewReplacer("\n", "", "\r", "", " ", "", "-", "+", "_", "/").Replace(text)
	text = strings.TrimRight(text, "=")
	if text == "" {
		return nil, errors.New("b64string_images is empty; expected a picture in base64")
	}
	content, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		var at base64.CorruptInputError
		if errors.As(err, &at) && int(at) < len(text) {
			return nil, fmt.Errorf("b64string_images is not base64: found %q at character %d", text[at], int(at)+1)
		}
		return nil, errors.New("b64string_images is not base64: it is cut off")
	}
	return content, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
