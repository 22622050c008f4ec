package training

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/efficientnet"
)

// Encode is captions.Encode for this run. With a ready-made image encoder the pictures also become
// features, which are computed once and kept in data/features.
func (c Config) Encode(set *captions.Set, backend compute.Backend) (*captions.Encoded, error) {
	encoding, err := c.Encoding()
	if err != nil {
		return nil, err
	}
	encoded, err := captions.Encode(set, encoding)
	if err != nil {
		return nil, err
	}
	return c.seen(encoded, encoded.Images, backend)
}

// MustEncode is Encode for notebook cells: it panics on an error.
func (c Config) MustEncode(set *captions.Set, backend compute.Backend) *captions.Encoded {
	encoded, err := c.Encode(set, backend)
	if err != nil {
		panic(err)
	}
	return encoded
}

// seen is a set with other pictures, as the run's model takes them.
func (c Config) seen(encoded *captions.Encoded, images [][]float32, backend compute.Backend) (*captions.Encoded, error) {
	other := *encoded
	other.Images = images
	if c.Model.Vision.Features == 0 {
		return &other, nil
	}
	var err error
	other.Features, err = c.inputs(images, backend)
	return &other, err
}

// inputs are pictures as the run's model takes them: unchanged, or their features.
//
// Shapes:
//   - images: [pictures][height*width*3], see [captions.Pixels]
func (c Config) inputs(images [][]float32, device compute.Backend) ([][]float32, error) {
	if c.Model.Vision.Features == 0 {
		return images, nil
	}
	if c.Variant == "text" { // looks at nothing
		return slices.Repeat([][]float32{{0}}, len(images)), nil
	}
	path, err := efficientnet.DefaultPath()
	if err != nil {
		return nil, err
	}
	encoder, err := efficientnet.Open(path, device)
	if err != nil {
		return nil, err
	}
	root, err := backend.Checkout()
	if err != nil {
		return nil, err
	}
	warn := func(message string) { fmt.Fprintln(os.Stderr, message) }
	return efficientnet.CachedFeatures(encoder, filepath.Join(root, "data", "features"), "efficientnet_lite0", images, c.Model.Vision.ImageSize, warn)
}
