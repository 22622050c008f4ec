package efficientnet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/backend"
)

// Encoder turns pictures into features with the trained weights. It is not for use by several
// goroutines at once.
type Encoder struct {
	// Resolution is the height and width that pictures are resized to, in pixels: 224 is what the network
	// was trained on. Smaller is faster and sees less.
	Resolution int

	sum      string // SHA-256 of the weights' file
	backend  compute.Backend
	store    *model.Store
	compiled map[network]*model.Exec
}

// network is what is compiled: up to the feature map or with pooling, for a resolution.
type network struct {
	pooled     bool
	resolution int
}

// encoderBatch is how many pictures go through the network at once.
const encoderBatch = 16

// DefaultPath is where scripts/encoder.sh puts the weights in this checkout.
func DefaultPath() (string, error) {
	root, err := backend.Checkout()
	return filepath.Join(root, "data", "efficientnet_lite0", "efficientnet-lite0.pth"), err
}

// Open reads the weights from a .pth file.
func Open(path string, backend compute.Backend) (*Encoder, error) {
	content, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("%s is missing: scripts/encoder.sh makes data/efficientnet_lite0", path)
	}
	if err != nil {
		return nil, err
	}
	parameters, err := ParsePTH(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	sum := sha256.Sum256(content)
	e := &Encoder{Resolution: 224, sum: hex.EncodeToString(sum[:]), backend: backend, store: model.NewStore(), compiled: map[network]*model.Exec{}}
	if err := Fill(e.store.RootScope(), parameters); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// Features describes each picture, size x size as pkg/captions makes them, by one vector. A picture
// that appears several times, as the same slice, is encoded once and its vectors are one slice too.
//
// Shapes:
//   - images: [n][size*size*3], see captions.Pixels
//   - returns: [n][1280]
func (e *Encoder) Features(images [][]float32, size int) ([][]float32, error) {
	return e.encode(true, images, size)
}

// FeatureMaps describes each picture by a vector for every place of a grid, rows*rows of them: 7x7 at the
// resolution of 224.
//
// Shapes:
//   - images: [n][size*size*3], see captions.Pixels
//   - returns: [n][rows*rows*1280]
func (e *Encoder) FeatureMaps(images [][]float32, size int) ([][]float32, error) {
	return e.encode(false, images, size)
}

// encode runs the network over all pictures.
func (e *Encoder) encode(pooled bool, images [][]float32, size int) ([][]float32, error) {
	if size < 1 || e.Resolution < 1 {
		return nil, fmt.Errorf("pictures of size %d at resolution %d: both are at least 1", size, e.Resolution)
	}
	exec, err := e.exec(pooled)
	if err != nil {
		return nil, err
	}
	var distinct [][]float32
	number, rows := map[*float32]int{}, make([]int, len(images))
	for i, image := range images {
		if len(image) != size*size*3 {
			return nil, fmt.Errorf("picture %d has %d numbers: %dx%d pixels of 3 were expected", i, len(image), size, size)
		}
		if _, found := number[&image[0]]; !found {
			number[&image[0]] = len(distinct)
			distinct = append(distinct, image)
		}
		rows[i] = number[&image[0]]
	}
	var encoded [][]float32
	for start := 0; start < len(distinct); start += encoderBatch {
		part, err := encodeBatch(exec, distinct[start:min(start+encoderBatch, len(distinct))], size)
		if err != nil {
			return nil, err
		}
		encoded = append(encoded, part...)
	}
	out := make([][]float32, len(images))
	for i, row := range rows {
		out[i] = encoded[row]
	}
	return out, nil
}

// exec is the network for the present resolution.
func (e *Encoder) exec(pooled bool) (*model.Exec, error) {
	key := network{pooled, e.Resolution}
	if e.compiled[key] != nil {
		return e.compiled[key], nil
	}
	exec, err := model.NewExec(e.backend, e.store, func(scope *model.Scope, images *Node) *Node {
		features := FeatureMap(scope, Input(images, key.resolution))
		if pooled {
			return Pool(features)
		}
		return features
	})
	e.compiled[key] = exec
	return exec, err
}

// encodeBatch fills up the last batch with empty pictures, so that the network is compiled once.
func encodeBatch(exec *model.Exec, images [][]float32, size int) ([][]float32, error) {
	pixels := make([]float32, 0, encoderBatch*size*size*3)
	for _, image := range images {
		pixels = append(pixels, image...)
	}
	input := tensors.FromFlatDataAndDimensions(pixels[:cap(pixels)], encoderBatch, size, size, 3)
	defer input.MustFinalizeAll()
	output, err := exec.Call1(input)
	if err != nil {
		return nil, fmt.Errorf("encoding pictures: %w", err)
	}
	defer output.MustFinalizeAll()
	flat, err := tensors.CopyFlatData[float32](output)
	if err != nil {
		return nil, err
	}
	width, parts := len(flat)/encoderBatch, make([][]float32, len(images))
	for i := range parts {
		parts[i] = flat[i*width : (i+1)*width : (i+1)*width]
	}
	return parts, nil
}
