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

// Generator writes text about pictures, character by character: the visual token once, in front, then
// the text so far, positions 0 to its end. A model with a [DecodeStep] computes each position once;
// another one runs the whole text, padded to a fixed length, for each character. Either way each half of
// the model is compiled once for a number of pictures.
type Generator struct {
	backend        compute.Backend
	model          Model
	encode, decode *model.Exec
	textLength     int
}

// mostAtOnce is how many pictures go through the model at once.
const mostAtOnce = 64

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
	var decode *model.Exec
	if m.DecodeStep != nil {
		decode, err = newLoopExec(backend, store, m)
	} else {
		decode, err = newWholeExec(backend, store, m)
	}
	return &Generator{backend, m, encode, decode, textLength}, err
}

// newWholeExec scores what follows the first length characters of ids, given all of them.
func newWholeExec(backend compute.Backend, store *model.Store, m Model) (*model.Exec, error) {
	return model.NewExec(backend, store, func(scope *model.Scope, ids, image, length *Node) *Node {
		logits := m.Decode(scope, ids, image) // [batch, 1+text, vocab]
		// The text so far fills positions 1 to length; the last of them knows what comes next.
		last := Equal(Iota(logits.Graph(), shapes.Make(length.DType(), 1, logits.Shape().Dim(1), 1), 1), length)
		last = BroadcastToDims(last, logits.Shape().Dimensions...)
		return ReduceSum(Where(last, logits, ZerosLike(logits)), 1) // [batch, vocab]
	})
}

// scorer gives the scores [batch, vocab] of what follows the first length characters of ids, which are
// [batch, text]; length grows from call to call.
type scorer func(ids []int32, length int) ([]float32, error)

// whole computes everything anew for each character.
func (g *Generator) whole(image *tensors.Tensor, batch int) scorer {
	return func(ids []int32, length int) ([]float32, error) {
		scores, err := g.decode.Call1(tensors.FromFlatDataAndDimensions(ids, batch, g.textLength), image, int32(length))
		if err != nil {
			return nil, err
		}
		return tensors.CopyFlatData[float32](scores)
	}
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
	pixels := shapes.Make(dtypes.Float32, g.model.Config.Vision.InputDims()...)
	for i, image := range images {
		if len(image) != pixels.Size() {
			return nil, fmt.Errorf("picture %d has %d values: the model takes %d, %v", i, len(image), pixels.Size(), pixels.Dimensions)
		}
	}
	texts := make([][]int32, 0, len(images))
	for start := 0; start < len(images); start += mostAtOnce {
		chunk := images[start:min(start+mostAtOnce, len(images))]
		written, err := g.generateBatch(chunk, start, min(mostAtOnce, len(images)), sampling, step)
		if err != nil {
			return nil, err
		}
		texts = append(texts, written...)
	}
	return texts, nil
}

// generateBatch writes the texts of a chunk whose first picture is picture number first. It is filled up to
// size pictures, so that the last chunk needs no program of its own.
func (g *Generator) generateBatch(chunk [][]float32, first, size int, sampling Sampling, step Step) ([][]int32, error) {
	var pixels []float32
	for row := range size {
		pixels = append(pixels, chunk[min(row, len(chunk)-1)]...)
	}
	image, err := g.encode.Call1(tensors.FromFlatDataAndDimensions(pixels, append([]int{size}, g.model.Config.Vision.InputDims()...)...))
	if err != nil {
		return nil, err
	}
	score := g.whole(image, size)
	if g.model.DecodeStep != nil {
		score = g.stepwise(image, size, sampling)
	}
	ids := make([]int32, size*g.textLength)
	random := make([]*rand.Rand, len(chunk))
	for row := range size {
		copy(ids[row*g.textLength:], sampling.Prompt)
	}
	for row := range chunk {
		random[row] = rand.New(rand.NewPCG(sampling.Seed, uint64(first+row)))
	}
	texts, running := make([][]int32, len(chunk)), len(chunk)
	finished := make([]bool, len(chunk))
	for length := len(sampling.Prompt); length < g.textLength && running > 0; length++ {
		logits, err := score(ids, length)
		if err != nil {
			return nil, err
		}
		vocab := len(logits) / size
		for row := range chunk {
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
