package parity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute"

	"seemore/pkg/captions"
)

// oneGreyLevel is the tolerance of lossless pictures that were resized, "as in E".
const oneGreyLevel = 0.02

// batchConfig is the part of config.json about batches.
type batchConfig struct {
	Copies    int
	ImageSize int `json:"img_size"`
	Calls     []batchCall
	Chars     []string
	PadID     int32 `json:"pad_id"`
	VocabSize int   `json:"vocab_size"`
	RowsTotal int   `json:"rows_total"`
	RowsTrain int   `json:"rows_train"`

	SplitExamples  map[string]int     `json:"split_examples"`
	EncodeExamples map[string][]int64 `json:"encode_examples"`
	Outside        map[string]*string `json:"captions_outside_the_vocabulary"`
	TooLarge       string             `json:"train_batch_larger_than_split"`
}

// batchCall is one batch; its rows are numbers of the duplicated table.
type batchCall struct {
	Name, Split string
	BatchSize   int `json:"batch_size"`
	ValSize     int `json:"val_batch_size"`
}

// runBatches builds the batches of given rows, and checks vocabulary and split.
func (c *testCase) runBatches(compute.Backend) error {
	var config batchConfig
	if err := c.decode(&config); err != nil {
		return err
	}
	set, err := c.csv()
	if err != nil {
		return err
	}
	if config.Copies < 1 || config.Copies > 1<<16 || set.Len()*config.Copies != config.RowsTotal {
		return fmt.Errorf("%s has %d rows, %d copies: config.json says %d rows", c.config.CSV, set.Len(), config.Copies, config.RowsTotal)
	}
	vocabulary, err := captions.NewVocabulary(strings.Join(config.Chars, ""))
	if err != nil {
		return fmt.Errorf("config.json: chars: %w", err)
	}
	c.record("vocabulary", disagreements(vocabulary.Characters() == captions.OriginalVocabulary().Characters(),
		vocabulary.PadID() == config.PadID, vocabulary.Size() == config.VocabSize), 0)
	c.checkEncoding(config, vocabulary)
	if err := c.checkSplits(config, set); err != nil {
		return err
	}
	for _, call := range config.Calls {
		if err := c.compareBatch(config, call, set, vocabulary); err != nil {
			return fmt.Errorf("call %s: %w", call.Name, err)
		}
	}
	return nil
}

// checkEncoding compares encoded captions, and which captions cannot be encoded.
func (c *testCase) checkEncoding(config batchConfig, vocabulary *captions.Vocabulary) {
	for _, caption := range sortedKeys(config.EncodeExamples) {
		ids, err := vocabulary.Encode(caption)
		same := err == nil && slices.EqualFunc(ids, config.EncodeExamples[caption], func(a int32, b int64) bool { return int64(a) == b })
		c.record(fmt.Sprintf("encode %q", caption), disagreements(same), 0)
	}
	for _, caption := range sortedKeys(config.Outside) {
		_, err := vocabulary.Encode(caption)
		c.record(fmt.Sprintf("encode %q", caption), disagreements((err != nil) == (config.Outside[caption] != nil)), 0)
	}
}

// checkSplits compares the sizes of the two splits, and that a batch larger than its split fails.
func (c *testCase) checkSplits(config batchConfig, set *captions.Set) error {
	sizes := map[int]int{config.RowsTotal: config.RowsTrain}
	for total, want := range config.SplitExamples {
		n, err := strconv.Atoi(total)
		if err != nil || n < 0 || n > 1<<16 {
			return fmt.Errorf("config.json: split_examples has %q: a number of rows expected", total)
		}
		sizes[n] = want
	}
	wrong := 0.0
	for total, want := range sizes {
		rows := &captions.Set{Examples: make([]captions.Example, total)}
		first, rest := rows.SplitAt(0.9)
		wrong += disagreements(first.Len() == want, rest.Len() == total-want)
	}
	c.record("split sizes", wrong, 0)
	if config.TooLarge != "" {
		encoded := &captions.Encoded{Set: set, IDs: make([][]int32, config.RowsTrain)}
		_, err := encoded.Batches("train", config.RowsTrain+1, 0)
		c.record("train batch larger than the split", disagreements(err != nil), 0)
	}
	return nil
}

// compareBatch builds one batch from the rows that were drawn.
func (c *testCase) compareBatch(config batchConfig, call batchCall, set *captions.Set, vocabulary *captions.Vocabulary) error {
	prefix := "out." + call.Name + "."
	drawn, err := c.tensor(prefix + "rows")
	if err != nil {
		return err
	}
	size := map[string]int{"train": call.BatchSize, "val": call.ValSize}[call.Split]
	if !slices.Equal(drawn.Shape, []int{size}) || drawn.DType() != "I64" {
		return fmt.Errorf("io.safetensors: %srows is %s %v: I64 [%d] expected", prefix, drawn.DType(), drawn.Shape, size)
	}
	rows := &captions.Set{Name: c.config.CSV}
	wrong := 0.0
	for i, row := range drawn.Ints() {
		if row < 0 || row >= int64(config.RowsTotal) {
			return fmt.Errorf("io.safetensors: %srows[%d] is %d: the table has %d rows", prefix, i, row, config.RowsTotal)
		}
		// Training rows come from the first part and are not repeated.
		wrong += disagreements((row < int64(config.RowsTrain)) == (call.Split == "train"),
			call.Split == "val" || !slices.Contains(drawn.Ints()[:i], row))
		rows.Examples = append(rows.Examples, set.Examples[int(row)%set.Len()])
	}
	c.compared[prefix+"rows"] = true
	c.record(prefix+"rows", wrong, 0)
	encoded, err := captions.Encode(rows, captions.Encoding{
		Vocabulary: vocabulary, Length: captions.LongestCaption(rows),
		Image: captions.ImageOptions{Size: config.ImageSize, Alpha: captions.AlphaDrop},
	})
	if err != nil {
		return err
	}
	return c.compareEncoded(prefix, encoded)
}

// compareEncoded compares ids, targets and pixels of a batch.
func (c *testCase) compareEncoded(prefix string, encoded *captions.Encoded) error {
	shape := []int{encoded.Set.Len(), encoded.Length}
	if err := c.compareIDs(prefix+"idx", slices.Concat(encoded.IDs...), shape); err != nil {
		return err
	}
	if err := c.compareIDs(prefix+"targets", slices.Concat(encoded.Targets...), shape); err != nil {
		return err
	}
	images, err := c.tensor(prefix + "images")
	if err != nil {
		return err
	}
	if shape := []int{encoded.Set.Len(), 3, encoded.Size, encoded.Size}; !slices.Equal(images.Shape, shape) || images.DType() != "F32" {
		return fmt.Errorf("io.safetensors: %simages is %s %v: F32 %v expected", prefix, images.DType(), images.Shape, shape)
	}
	largest := 0.0
	for row := range encoded.Images {
		largest = max(largest, largestError(encoded.Images[row], pixelsOf(part(images, row))))
	}
	c.compared[prefix+"images"] = true
	c.record(prefix+"images", largest, oneGreyLevel)
	return nil
}
