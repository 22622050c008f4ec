package weights

import "slices"

// Piece joins a PyTorch parameter to the place of its numbers in a GoMLX variable.
type Piece struct {
	Name  string // PyTorch's, "decoder.lm_head.weight"
	Shape []int  // PyTorch's
	Path  string // of the variable, relative to the model's scope: "decoder/head/dense/weights"
	// VariableShape is the variable's shape.
	VariableShape []int

	at func(i int) int // position in the variable of the parameter's number i, both row-major
}

// plain is a parameter that is stored as it is, but for axes of length 1.
func plain(name, path string, shape ...int) Piece {
	return Piece{name, shape, path, shape, func(i int) int { return i }}
}

// transposed is a linear weight, [outputs, inputs] in PyTorch and [inputs, outputs] here. Of several
// that lie side by side in one variable it is number index of count.
func transposed(name, path string, inputs, outputs, index, count int) Piece {
	return Piece{name, []int{outputs, inputs}, path, []int{inputs, count * outputs}, func(i int) int {
		output, input := i/inputs, i%inputs
		return input*count*outputs + index*outputs + output
	}}
}

// convolution is a kernel, [outputs, inputs, height, width] in PyTorch and [height, width, inputs,
// outputs] here.
func convolution(name, path string, outputs, inputs, size int) Piece {
	return Piece{name, []int{outputs, inputs, size, size}, path, []int{size, size, inputs, outputs}, func(i int) int {
		output, input, pixel := i/(inputs*size*size), i/(size*size)%inputs, i%(size*size)
		return (pixel*inputs+input)*outputs + output
	}}
}

// stacked is the same parameter of one of count experts, which share a variable with one row each.
func (p Piece) stacked(index, count int) Piece {
	size, inner := product(p.VariableShape), p.at
	p.VariableShape = append([]int{count}, p.VariableShape...)
	p.at = func(i int) int { return index*size + inner(i) }
	return p
}

// Store copies the parameter's numbers to their places in the variable.
func (p Piece) Store(parameter, variable []float32) {
	for i, value := range parameter {
		variable[p.at(i)] = value
	}
}

// Load copies the parameter's numbers out of the variable.
func (p Piece) Load(variable []float32) []float32 {
	parameter := make([]float32, product(p.Shape))
	for i := range parameter {
		parameter[i] = variable[p.at(i)]
	}
	return parameter
}

func product(shape []int) int {
	size := 1
	for _, dim := range shape {
		size *= dim
	}
	return size
}

// Under puts prefixes before the names and paths of pieces.
func Under(name, path string, pieces ...[]Piece) []Piece {
	all := slices.Concat(pieces...)
	for i := range all {
		all[i].Name, all[i].Path = name+all[i].Name, path+all[i].Path
	}
	return all
}
