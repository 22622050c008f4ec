// Package weights carries a model's weights between GoMLX and PyTorch, by safetensors files with
// the originals' parameter names.
//
// names.go lists the parameters of every component and of both models; piece.go says where a
// parameter's numbers lie in a GoMLX variable; store.go moves all of them. safetensors.go and
// header.go read files, write.go writes them, infer.go finds out of what size a file's model is.
package weights
