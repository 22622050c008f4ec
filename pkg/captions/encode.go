package captions

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Encoding says how captions and pictures become tensors.
type Encoding struct {
	Vocabulary *Vocabulary
	Length     int // every caption is padded to so many characters
	Image      ImageOptions
}

// Validate names what is impossible in the encoding.
func (e Encoding) Validate() error {
	if e.Vocabulary == nil {
		return errors.New("the encoding has no vocabulary")
	}
	if e.Length < 1 {
		return fmt.Errorf("captions of %d characters: at least 1 is needed", e.Length)
	}
	return e.Image.Validate()
}

// Encoded is a set in the form that a model reads, in memory. Pictures that appear several times
// are decoded and kept once.
type Encoded struct {
	Set     *Set
	Size    int         // height and width of the pictures, pixels
	Length  int         // of the captions, characters
	Images  [][]float32 // per example [height*width*3], see [Pixels]
	IDs     [][]int32   // per example [length], padded with <pad>
	Targets [][]int32   // per example [length]: the ids one position on, <pad> at the end
	// Features are what a ready-made image encoder makes of the pictures, per example [features]; nil where
	// the model sees the pictures themselves.
	Features [][]float32
}

// Encode reads every picture and caption of a set. The first row that cannot be used is an error
// that names it.
func Encode(set *Set, encoding Encoding) (*Encoded, error) {
	if set.Len() == 0 {
		return nil, fmt.Errorf("%s is empty: no captioned picture to encode", set.Name)
	}
	if err := encoding.Validate(); err != nil {
		return nil, err
	}
	e := &Encoded{Set: set, Size: encoding.Image.Size, Length: encoding.Length}
	for _, example := range set.Examples {
		ids, err := encoding.encodeCaption(example.Caption)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", example.Source, err)
		}
		e.IDs = append(e.IDs, ids)
		e.Targets = append(e.Targets, append(slices.Clone(ids[1:]), encoding.Vocabulary.PadID()))
	}
	var err error
	if e.Images, err = encodeImages(set, encoding.Image); err != nil {
		return nil, err
	}
	return e, nil
}

// MustEncode is Encode for notebook cells: it panics on an error.
func MustEncode(set *Set, encoding Encoding) *Encoded {
	encoded, err := Encode(set, encoding)
	if err != nil {
		panic(err)
	}
	return encoded
}

// encodeCaption gives the ids of a caption, padded to the encoding's length.
func (e Encoding) encodeCaption(caption string) ([]int32, error) {
	ids, err := e.Vocabulary.Encode(caption)
	if err != nil {
		return nil, err
	}
	if len(ids) > e.Length {
		return nil, fmt.Errorf("the caption %q has %d characters: at most %d", shorten(caption), len(ids), e.Length)
	}
	for len(ids) < e.Length {
		ids = append(ids, e.Vocabulary.PadID())
	}
	return ids, nil
}

// encodeImages decodes all pictures, in parallel. Examples with the same picture, byte for byte, share its pixels.
func encodeImages(set *Set, options ImageOptions) ([][]float32, error) {
	store, err := newKept(set.Len(), options.Size*options.Size*3)
	if err != nil {
		return nil, err
	}
	numbers, problems := make([]int, set.Len()), make([]error, set.Len())
	var known sync.Map // of the SHA-256 of a picture: func() (its number, error)
	inParallel(set.Len(), func(i int) {
		content, err := set.Examples[i].ImageBytes()
		if err != nil {
			problems[i] = err
			return
		}
		number, _ := known.LoadOrStore(sha256.Sum256(content), sync.OnceValues(func() (int, error) {
			pixels, err := Pixels(content, options)
			if err != nil {
				return 0, err
			}
			return store.put(pixels)
		}))
		if numbers[i], err = number.(func() (int, error))(); err != nil {
			problems[i] = fmt.Errorf("%s: %w", set.Examples[i].Source, err)
		}
	})
	for _, problem := range problems {
		if problem != nil {
			return nil, problem
		}
	}
	pictures, err := store.all()
	if err != nil {
		return nil, err
	}
	images := make([][]float32, set.Len())
	for i, number := range numbers {
		images[i] = pictures[number]
	}
	return images, nil
}

// inParallel calls do for the numbers below n, as many at once as there are processors.
func inParallel(n int, do func(i int)) {
	var wait sync.WaitGroup
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wait.Wait()
}
