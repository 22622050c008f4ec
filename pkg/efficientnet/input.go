package efficientnet

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// The normalisation that pkg/captions leaves pictures in, per channel.
var (
	captionsMean      = []float32{0.485, 0.456, 0.406}
	captionsDeviation = []float32{0.229, 0.224, 0.225}
)

// Input makes of pictures as pkg/captions has them what the network was trained on: (value-127)/128
// for values 0 to 255, and resized, bilinear, to resolution x resolution. It was trained on 224x224:
// drawings of 96x96 are recognised better when they are enlarged to that, see TestNearestTrainingPicture.
//
// Shapes:
//   - images: [batch, height, width, 3]
//   - returns: [batch, resolution, resolution, 3]
func Input(images *Node, resolution int) *Node {
	g := images.Graph()
	mean, deviation := Const(g, [][][][]float32{{{captionsMean}}}), Const(g, [][][][]float32{{{captionsDeviation}}})
	zeroToOne := Add(Mul(images, deviation), mean)
	return resize(DivScalar(AddScalar(MulScalar(zeroToOne, 255), -127), 128), resolution)
}

// resize is bilinear interpolation, without antialiasing, of rows and then of columns: each is a linear map.
//
// Shapes:
//   - x: [batch, height, width, channels]
//   - returns: [batch, size, size, channels]
func resize(x *Node, size int) *Node {
	if height := x.Shape().Dim(1); height != size {
		// y new row, h old row
		x = Einsum("yh,bhwc->bywc", interpolation(x.Graph(), x.DType(), size, height), x)
	}
	if width := x.Shape().Dim(2); width != size {
		// x new column, w old column
		x = Einsum("xw,bywc->byxc", interpolation(x.Graph(), x.DType(), size, width), x)
	}
	return x
}

// interpolation is the matrix of a linear map: new pixel i lies at (i+0.5)·from/to-0.5 among the old
// ones, and is a mixture of the two beside it. At the edges it is the outermost.
//
// Shapes:
//   - returns: [to, from]
func interpolation(g *Graph, dtype dtypes.DType, to, from int) *Node {
	shape := shapes.Make(dtype, to, from)
	at := AddScalar(MulScalar(AddScalar(Iota(g, shape, 0), 0.5), float64(from)/float64(to)), -0.5)
	distance := Abs(Sub(ClipScalar(at, 0, float64(from-1)), Iota(g, shape, 1)))
	return MaxScalar(OneMinus(distance), 0)
}
