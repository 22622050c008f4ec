package efficientnet

// Widths of the network's two ends, in channels.
const (
	stemWidth  = 32
	FeatureDim = 1280 // of the feature map and of a pooled picture
)

// stage is a row of the architecture's table: blocks that are alike but for the first, which has the
// stride and changes the width.
type stage struct {
	repeats, kernel, stride, expand, width int
}

// stages are those of EfficientNet-B0, without squeeze and excitation.
var stages = []stage{
	{repeats: 1, kernel: 3, stride: 1, expand: 1, width: 16},
	{repeats: 2, kernel: 3, stride: 2, expand: 6, width: 24},
	{repeats: 2, kernel: 5, stride: 2, expand: 6, width: 40},
	{repeats: 3, kernel: 3, stride: 2, expand: 6, width: 80},
	{repeats: 3, kernel: 5, stride: 1, expand: 6, width: 112},
	{repeats: 4, kernel: 5, stride: 2, expand: 6, width: 192},
	{repeats: 1, kernel: 3, stride: 1, expand: 6, width: 320},
}

// blockSizes are the sizes of one block.
type blockSizes struct {
	kernel, stride int
	input          int // channels that come in
	hidden         int // channels between
	output         int // channels that go out
}

// blocks lists all 16 in order.
func blocks() []blockSizes {
	var all []blockSizes
	width := stemWidth
	for _, s := range stages {
		for i := range s.repeats {
			stride := s.stride
			if i > 0 {
				stride = 1
			}
			all = append(all, blockSizes{s.kernel, stride, width, width * s.expand, s.width})
			width = s.width
		}
	}
	return all
}
