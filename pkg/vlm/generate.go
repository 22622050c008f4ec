package vlm

import (
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Generator writes text about pictures with one forward pass of the decoder per character: the
// visual token once, in front, then the text so far, positions 0 to its end. The text is padded to a
// fixed length, so each half of the model is compiled once.
type Generator struct {
	model          Model
	encode, decode *model.Exec
	textLength     int
}

// generatorBatch is how many pictures go through the model at once.
const generatorBatch = 16

// NewGenerator prepares m, whose weights are in store, to write texts of at most textLength
// characters.
func NewGenerator(backend compute.Backend, store *model.Store, m Model, textLength int) (*Generator, error) {
	if longest := m.Config.Decoder.MaxTextLength(); textLength < 1 || textLength > longest {
		return nil, fmt.Errorf("text length %d: the position table allows 1 to %d", textLength, longest)
	}
	encode, err := model.NewExec(backend, store, func(scope *model.Scope, images *Node) *Node {
		return m.Encode(scope, images)
	})
	if err != nil {
		return nil, err
	}
	decode, err := model.NewExec(backend, store, func(scope *model.Scope, ids, image, length *Node) *Node {
		logits := m.Decode(scope, ids, image) // [batch, 1+text, vocab]
		// The text so far fills positions 1 to length; the last of them knows what comes next.
		last := Equal(Iota(logits.Graph(), shapes.Make(length.DType(), 1, logits.Shape().Dim(1), 1), 1), length)
		last = BroadcastToDims(last, logits.Shape().Dimensions...)
		return ReduceSum(Where(last, logits, ZerosLike(logits)), 1) // [batch, vocab]
	})
	if err != nil {
		return nil, err
	}
	return &Generator{m, encode, decode, textLength}, nil
}

// Step is called after each character with the scores [vocab] from which it was chosen, for row
// (picture) and position; it may be nil.
type Step func(row, position int, logits []float32)

// Generate writes one text per picture, as ids without the final StopID.
//
// Shapes:
//   - images: float32 [pictures][height*width*3]
func (g *Generator) Generate(images [][]float32, sampling Sampling, step Step) ([][]int32, error) {
	if len(sampling.Prompt) >= g.textLength {
		return nil, fmt.Errorf("the prompt has %d characters: at most %d", len(sampling.Prompt), g.textLength-1)
	}
	texts := make([][]int32, 0, len(images))
	for start := 0; start < len(images); start += generatorBatch {
		chunk := images[start:min(start+generatorBatch, len(images))]
		written, err := g.generateBatch(chunk, start, sampling, step)
		if err != nil {
			return nil, err
		}
		texts = append(texts, written...)
	}
	return texts, nil
}

// generateBatch writes the texts of one batch whose first picture is picture number first.
func (g *Generator) generateBatch(images [][]float32, first int, sampling Sampling, step Step) ([][]int32, error) {
	batch, shape := len(images), shapes.Make(dtypes.Float32, g.model.Config.Vision.InputDims()...)
	pixels := make([]float32, 0, batch*shape.Size())
	for i, image := range images {
		if len(image) != shape.Size() {
			return nil, fmt.Errorf("picture %d has %d values: the model takes %d, %v", first+i, len(image), shape.Size(), shape.Dimensions)
		}
		pixels = append(pixels, image...)
	}
	token, err := g.encode.Call1(tensors.FromFlatDataAndDimensions(pixels, append([]int{batch}, shape.Dimensions...)...))
	if err != nil {
		return nil, err
	}
	ids := make([]int32, batch*g.textLength)
	random := make([]*rand.Rand, batch)
	for row := range batch {
		copy(ids[row*g.textLength:], sampling.Prompt)
		random[row] = rand.New(rand.NewPCG(sampling.Seed, uint64(first+row)))
	}
	texts, running := make([][]int32, batch), batch
	finished := make([]bool, batch)
	for length := len(sampling.Prompt); length < g.textLength && running > 0; length++ {
		scores, err := g.decode.Call1(tensors.FromFlatDataAndDimensions(ids, batch, g.textLength), token, int32(length))
		if err != nil {
			return nil, err
		}
		logits, err := tensors.CopyFlatData[float32](scores)
		if err != nil {
			return nil, err
		}
		vocab := len(logits) / batch
		for row := range batch {
			if finished[row] {
				continue
			}
			rowLogits := logits[row*vocab : (row+1)*vocab]
			next := sampling.draw(rowLogits, random[row])
			if step != nil {
				step(first+row, length, rowLogits)
			}
			if next == sampling.StopID {
				finished[row], running = true, running-1
				continue
			}
			ids[row*g.textLength+length] = next
			texts[row] = ids[row*g.textLength : row*g.textLength+length+1]
		}
	}
	for row := range texts {
		if texts[row] == nil {
			texts[row] = sampling.Prompt
		}
	}
	return texts, nil
}
