// Package parity compares this implementation with numbers that the original PyTorch code produced.
//
// A case is a folder: config.json says what was computed, safetensors files hold the inputs, the
// weights and what came out. [Run] computes it here and gives the largest error of every tensor.
//
// case.go and declared.go read a folder, compare.go compares; then one file per kind: model.go
// (components and models; classes.go, whole.go, gradients.go, formula.go), train.go, generate.go,
// images.go, batches.go, initstats.go, curves.go.
package parity
