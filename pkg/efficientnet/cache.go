package efficientnet

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"seemore/pkg/weights"
)

// CachedFeatures is [Encoder.Features], computed once and then read from a file in folder: name, a dash
// and the beginning of a hash over the pictures, their size, the resolution and the weights. Anything
// else makes another file; old ones may be deleted. What is wrong with a file, or with keeping one, is
// told to warn, one line, and the features are computed.
//
// Shapes:
//   - images: [n][size*size*3], see captions.Pixels
//   - returns: [n][1280]
func CachedFeatures(e *Encoder, folder, name string, images [][]float32, size int, warn func(string)) ([][]float32, error) {
	key := e.cacheKey(images, size)
	path := filepath.Join(folder, name+"-"+key[:16]+".safetensors")
	features, err := readFeatures(path, key, len(images))
	if err == nil {
		return features, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		warn(fmt.Sprintf("kept features are not used: %v; they are computed again", err))
	}
	if features, err = e.Features(images, size); err != nil {
		return nil, err
	}
	if err := writeFeatures(path, key, features); err != nil {
		warn(fmt.Sprintf("features are not kept: %v", err))
	}
	return features, nil
}

// cacheKey is a SHA-256 over everything that the features depend on, in hex.
func (e *Encoder) cacheKey(images [][]float32, size int) string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%s %d %d %d\n", e.sum, e.Resolution, size, len(images))
	var bytes []byte
	for _, image := range images {
		bytes = appendFloats(bytes[:0], image)
		hash.Write(bytes)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// readFeatures reads a file of writeFeatures, which must be for key and undamaged.
func readFeatures(path, key string, n int) ([][]float32, error) {
	file, err := weights.Read(path)
	if err != nil {
		return nil, err
	}
	values, ok := file.Tensors["features"].Data.([]float32)
	if !ok || file.Metadata["key"] != key || len(values) != n*FeatureDim {
		return nil, fmt.Errorf("%s: holds other features", path)
	}
	if file.Metadata["sha256"] != sumOf(values) {
		return nil, fmt.Errorf("%s: is damaged", path)
	}
	features := make([][]float32, n)
	for i := range features {
		features[i] = values[i*FeatureDim : (i+1)*FeatureDim : (i+1)*FeatureDim]
	}
	return features, nil
}

// writeFeatures keeps features with their key and a hash of their own.
func writeFeatures(path, key string, features [][]float32) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	var values []float32
	for _, vector := range features {
		values = append(values, vector...)
	}
	return weights.Write(path, weights.File{
		Tensors:  map[string]weights.Tensor{"features": {Shape: []int{len(features), FeatureDim}, Data: values}},
		Metadata: map[string]string{"key": key, "sha256": sumOf(values)},
	})
}

func sumOf(values []float32) string {
	sum := sha256.Sum256(appendFloats(nil, values))
	return hex.EncodeToString(sum[:])
}

func appendFloats(bytes []byte, values []float32) []byte {
	for _, value := range values {
		bytes = binary.LittleEndian.AppendUint32(bytes, math.Float32bits(value))
	}
	return bytes
}
