package captions

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
)

// ignoreTarget marks rows that fill up a last batch and do not count in a loss.
const ignoreTarget = -100

// Batches is a GoMLX data set. Each batch has
//
//   - inputs: images float32 [batch, height, width, 3], or [batch, features], ids int32 [batch, length]
//   - labels: targets int32 [batch, length]; where [Batches.Numbered], also the captions' numbers int32 [batch]
//
// Batch number s is a function of the seed and s alone, so a run that is resumed sees what it
// would have seen.
type Batches struct {
	data  *Encoded
	name  string
	size  int
	start int                         // the first batch
	end   int                         // one past the last batch; negative: for ever
	rows  func(batch, size int) []int // the examples of a batch; -1 fills a row that does not count
	// How the pictures are changed, see [Augment], by a source that the seed and the batch decide.
	augmentation float64
	seed         int64
	numbers      []int32 // of the examples' captions; nil for none
}

// Batches draws batches for training, without end. Examples are not repeated within a batch, as in
// the originals.
func (e *Encoded) Batches(name string, size int, seed int64) (*Batches, error) {
	if size < 1 {
		return nil, errBatchSize(size)
	}
	if size > len(e.IDs) {
		return nil, fmt.Errorf("batch size %d is larger than the set %s of %d captioned pictures", size, e.Set.Name, len(e.IDs))
	}
	rows := func(batch, size int) []int { return random(seed, batch).Perm(len(e.IDs))[:size] }
	return &Batches{data: e, name: name, size: size, end: -1, rows: rows}, nil
}

func errBatchSize(size int) error {
	return fmt.Errorf("batch size %d: at least 1 is needed", size)
}

// Augmented is the same data set with pictures that are drawn anew each time, see [Augment].
func (b *Batches) Augmented(strength float64, seed int64) *Batches {
	changed := *b
	changed.augmentation, changed.seed = strength, seed
	return &changed
}

// Numbered is the same data set with a second label, the numbers of the captions: each caption of the set
// has one, in alphabetical order from 0.
func (b *Batches) Numbered() *Batches {
	distinct := b.data.Set.DistinctCaptions()
	changed := *b
	changed.numbers = make([]int32, len(b.data.Set.Examples))
	for i, example := range b.data.Set.Examples {
		number, _ := slices.BinarySearch(distinct, example.Caption)
		changed.numbers[i] = int32(number)
	}
	return &changed
}

// WithReplacement draws n batches whose examples may repeat, as the originals' validation does.
func (e *Encoded) WithReplacement(name string, size, n int, seed int64) *Batches {
	rows := func(batch, size int) []int {
		source, drawn := random(seed, batch), make([]int, size)
		for i := range drawn {
			drawn[i] = source.IntN(len(e.IDs))
		}
		return drawn
	}
	return &Batches{data: e, name: name, size: size, end: n, rows: rows}
}

// Sequential gives every example once, in order. Rows that fill up the last batch have targets that
// do not count.
func (e *Encoded) Sequential(name string, size int) *Batches {
	rows := func(batch, size int) []int {
		taken := make([]int, size)
		for i := range taken {
			if taken[i] = batch*size + i; taken[i] >= len(e.IDs) {
				taken[i] = -1
			}
		}
		return taken
	}
	return &Batches{data: e, name: name, size: size, end: (len(e.IDs) + size - 1) / max(size, 1), rows: rows}
}

// StartAt is the same data set from batch number step on.
func (b *Batches) StartAt(step int) *Batches {
	later := *b
	later.start = step
	return &later
}

// Name and ShortName are how GoMLX labels what is measured on this data set.
func (b *Batches) Name() string { return b.name }

// ShortName is the name in full.
func (b *Batches) ShortName() string { return b.name }

// Iter yields the batches in order, from the first on. A batch size below 1 is its only error.
func (b *Batches) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		if b.size < 1 {
			yield(train.Batch{}, errBatchSize(b.size))
			return
		}
		for batch := b.start; b.end < 0 || batch < b.end; batch++ {
			if !yield(b.assemble(batch, b.rows(batch, b.size)), nil) {
				return
			}
		}
	}
}

// assemble copies the rows of a batch into tensors.
func (b *Batches) assemble(batch int, rows []int) train.Batch {
	e := b.data
	images := b.pictures(batch, rows)
	ids, targets := make([]int32, 0, b.size*e.Length), make([]int32, 0, b.size*e.Length)
	for _, row := range rows {
		counts := row >= 0
		row = max(row, 0)
		ids = append(ids, e.IDs[row]...)
		for _, target := range e.Targets[row] {
			if !counts {
				target = ignoreTarget
			}
			targets = append(targets, target)
		}
	}
	assembled := train.Batch{
		Inputs: []*tensors.Tensor{
			images,
			tensors.FromFlatDataAndDimensions(ids, b.size, e.Length),
		},
		Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(targets, b.size, e.Length)},
	}
	if b.numbers != nil {
		numbers := make([]int32, len(rows))
		for i, row := range rows {
			numbers[i] = b.numbers[max(row, 0)]
		}
		assembled.Labels = append(assembled.Labels, tensors.FromFlatDataAndDimensions(numbers, b.size))
	}
	return assembled
}

// pictures are those of the rows, one after the other, changed as the data set says.
func (b *Batches) pictures(batch int, rows []int) *tensors.Tensor {
	if features := b.data.Features; features != nil {
		var flat []float32
		for _, row := range rows {
			flat = append(flat, features[max(row, 0)]...)
		}
		return tensors.FromFlatDataAndDimensions(flat, len(rows), len(features[0]))
	}
	width := b.data.Size * b.data.Size * 3
	images := make([]float32, len(rows)*width)
	var wait sync.WaitGroup
	for i, row := range rows {
		put := func() {
			source := rand.New(rand.NewPCG(uint64(b.seed), uint64(batch)<<32|uint64(i)))
			copy(images[i*width:], Augment(b.data.Images[max(row, 0)], b.data.Size, b.augmentation, source))
		}
		if b.augmentation > 0 {
			wait.Go(put)
		} else {
			put()
		}
	}
	wait.Wait()
	return tensors.FromFlatDataAndDimensions(images, len(rows), b.data.Size, b.data.Size, 3)
}

// Describe names the pictures of a batch for messages, each once; if some have values that are not finite,
// those alone, and finite is false.
func (b *Batches) Describe(batch int) (pictures string, finite bool) {
	inputs := b.data.Images
	if b.data.Features != nil {
		inputs = b.data.Features
	}
	var all, broken []string
	for _, row := range b.rows(batch, b.size) {
		if row < 0 || slices.Contains(all, b.data.Set.Examples[row].Source) {
			continue
		}
		all = append(all, b.data.Set.Examples[row].Source)
		if slices.ContainsFunc(inputs[row], func(x float32) bool { return x-x != 0 }) { // NaN or Inf
			broken = append(broken, b.data.Set.Examples[row].Source)
		}
	}
	if len(broken) > 0 {
		return enumerate(broken), false
	}
	return enumerate(all), true
}

// mostNamed is how many pictures a message names.
const mostNamed = 16

func enumerate(names []string) string {
	text := strings.Join(names[:min(mostNamed, len(names))], ", ")
	if more := len(names) - mostNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// random is the source of batch number batch.
func random(seed int64, batch int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(seed), uint64(batch)))
}
