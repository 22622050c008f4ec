package efficientnet

import (
	"errors"
	"fmt"

	"github.com/nlpodyssey/gopickle/pytorch"
	"github.com/nlpodyssey/gopickle/types"

	"seemore/pkg/weights"
)

// namedTensors brings the entries of an unpickled state_dict into row-major order. They may share their numbers, but have at most
// so many together.
func namedTensors(unpickled any, most int) (map[string]weights.Tensor, error) {
	dict, ok := unpickled.(*types.OrderedDict)
	if !ok {
		return nil, errors.New("holds no state_dict: expected an OrderedDict of tensors")
	}
	named := make(map[string]weights.Tensor, dict.Len())
	for key, entry := range dict.Map {
		name, isName := key.(string)
		tensor, isTensor := entry.Value.(*pytorch.Tensor)
		if !isName || !isTensor {
			return nil, fmt.Errorf("entry %q is no tensor", fmt.Sprint(key))
		}
		var err error
		switch storage := tensor.Source.(type) {
		case *pytorch.FloatStorage:
			named[name], err = rowMajor(tensor, storage.Data)
		case *pytorch.LongStorage:
			named[name], err = rowMajor(tensor, storage.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if most -= numbersIn(tensor.Size); most < 0 {
			return nil, fmt.Errorf("tensor %q: together the tensors have more numbers than the file has bytes", name)
		}
	}
	return named, nil
}

func numbersIn(shape []int) int {
	n := 1
	for _, dim := range shape {
		n *= dim
	}
	return n
}

// rowMajor copies a tensor out of its storage. In memory its axes may have any order, as those do that
// came from TensorFlow: element (i, j, ...) is number offset + i·strides[0] + j·strides[1] + ....
func rowMajor[T float32 | int64](tensor *pytorch.Tensor, storage []T) (weights.Tensor, error) {
	shape, strides := tensor.Size, tensor.Stride
	if len(shape) != len(strides) || tensor.StorageOffset < 0 || tensor.StorageOffset > len(storage) {
		return weights.Tensor{}, fmt.Errorf("shape %v, strides %v and offset %d do not fit", shape, strides, tensor.StorageOffset)
	}
	size, last := 1, tensor.StorageOffset
	for axis, dim := range shape {
		// Bounded one by one, so that no product overflows.
		if dim < 0 || strides[axis] < 0 || dim > 1 && (size > len(storage)/dim || strides[axis] > len(storage)/(dim-1)) {
			return weights.Tensor{}, fmt.Errorf("shape %v with strides %v does not fit into %d numbers", shape, strides, len(storage))
		}
		size *= dim
		last += (dim - 1) * strides[axis]
	}
	if size > 0 && last >= len(storage) {
		return weights.Tensor{}, fmt.Errorf("shape %v with strides %v from %d on needs %d numbers, its storage has %d",
			shape, strides, tensor.StorageOffset, last+1, len(storage))
	}
	data, index := make([]T, 0, size), make([]int, len(shape))
	at := tensor.StorageOffset
	for range size {
		data = append(data, storage[at])
		for axis := len(shape) - 1; axis >= 0; axis-- { // count on, the last axis first
			index[axis]++
			at += strides[axis]
			if index[axis] < shape[axis] {
				break
			}
			at -= index[axis] * strides[axis]
			index[axis] = 0
		}
	}
	return weights.Tensor{Shape: shape, Data: data}, nil
}
