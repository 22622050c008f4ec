package main

import (
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train"

	"seemore/pkg/captions"
	"seemore/pkg/training"
)

// reader reads a data set: its first step opens the set, as a training does, every further one draws a
// batch.
type reader struct {
	job  job
	next func() (train.Batch, error, bool)
}

func newReader(_ compute.Backend, j job) (worker, error) { return &reader{job: j}, nil }

func (r *reader) work() (float64, error) {
	if r.next == nil {
		return 0, r.open()
	}
	drawn, err, _ := r.next()
	if err != nil {
		return 0, err
	}
	return 0, drawn.Finalize()
}

func (r *reader) open() error {
	set, err := captions.Open(r.job.Folder)
	if err != nil {
		return err
	}
	config := training.DefaultConfig().For(r.job.Folder, set)
	encoding, err := config.Encoding()
	if err != nil {
		return err
	}
	encoded, err := captions.Encode(set, encoding)
	if err != nil {
		return err
	}
	batches, err := encoded.Batches("train", r.job.Batch, 0)
	if err != nil {
		return err
	}
	r.next, _ = iter.Pull2(batches.Iter())
	return nil
}

// drawPictures makes a folder of so many small captioned pictures, each another one.
func drawPictures(folder string, pictures int) error {
	table, err := os.Create(filepath.Join(folder, "metadata.csv"))
	if err != nil {
		return err
	}
	defer table.Close()
	rows := csv.NewWriter(table)
	if err := rows.Write([]string{"file_name", "text"}); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(0, 0))
	for i := range pictures {
		name := fmt.Sprintf("%06d.png", i)
		if err := drawPicture(filepath.Join(folder, name), random); err != nil {
			return err
		}
		if err := rows.Write([]string{name, "picture " + inLetters(i)}); err != nil {
			return err
		}
	}
	rows.Flush()
	return rows.Error()
}

func drawPicture(path string, random *rand.Rand) error {
	picture := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for y := range 32 {
		for x := range 32 {
			picture.SetNRGBA(x, y, color.NRGBA{uint8(8 * x), uint8(8 * y), uint8(random.Uint32()), 255})
		}
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(file, picture); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// inLetters writes a number with letters, since the vocabulary has one digit only.
func inLetters(n int) string {
	return strings.Map(func(digit rune) rune { return 'a' + digit - '0' }, fmt.Sprint(n))
}
