package captions

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strings"
)

// rows reads CSV row by row. Behind a row whose quotes are wrong it goes on in the next line, so that a quote that
// is never closed costs one row, not the rest of the file.
type rows struct {
	file   io.ReadSeeker
	reader *csv.Reader
	base   int64 // where the reader began, bytes from the beginning of the file
}

// newRows begins behind a byte order mark.
func newRows(file io.ReadSeeker) (*rows, error) {
	r := &rows{file: file}
	mark := make([]byte, 3)
	n, err := io.ReadFull(file, mark)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return r, r.startAt(int64(n - len(withoutMark(mark[:n]))))
}

func (r *rows) startAt(base int64) error {
	_, err := r.file.Seek(base, io.SeekStart)
	r.base, r.reader = base, csv.NewReader(r.file)
	r.reader.FieldsPerRecord = -1
	return err
}

// offset is where the next row begins, bytes from the beginning of the file.
func (r *rows) offset() int64 { return r.base + r.reader.InputOffset() }

// field is the place of a picture in a table.
type field struct {
	row    int64 // where the row begins, bytes
	column int
}

// read decodes the picture. Tables are read in passes, so that they need not fit into memory.
func (f field) read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows := &rows{file: file}
	if err := rows.startAt(f.row); err != nil {
		return nil, err
	}
	fields, err := rows.next()
	if err != nil {
		return nil, err
	}
	if f.column >= len(fields) {
		return nil, errors.New("the file has changed")
	}
	return decodeBase64(fields[f.column])
}

// rowError is what is wrong with one row.
type rowError string

func (e rowError) Error() string { return string(e) }

// next gives the fields of the next row; after a rowError there may be others.
func (r *rows) next() ([]string, error) {
	begin := r.offset()
	fields, err := r.reader.Read()
	var broken *csv.ParseError
	if !errors.As(err, &broken) {
		return fields, err
	}
	if err := r.startBehindLine(begin); err != nil {
		return nil, err
	}
	if errors.Is(broken.Err, csv.ErrBareQuote) {
		return nil, rowError("found a quote inside a field without quotes; expected the field in quotes, and each quote in it twice")
	}
	return nil, rowError("found a quoted field that does not end before a comma or the end of a line; expected each quote in it twice")
}

// startBehindLine goes on behind the first line from begin on that is not empty.
func (r *rows) startBehindLine(begin int64) error {
	if _, err := r.file.Seek(begin, io.SeekStart); err != nil {
		return err
	}
	lines := bufio.NewReader(r.file)
	for end, empty := begin, true; ; {
		line, err := lines.ReadSlice('\n')
		end += int64(len(line))
		empty = empty && strings.Trim(string(line), "\r\n") == ""
		switch {
		case errors.Is(err, bufio.ErrBufferFull): // a part of a long line
		case errors.Is(err, io.EOF), err == nil && !empty:
			return r.startAt(end)
		case err != nil:
			return err
		}
	}
}
