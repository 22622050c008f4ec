package efficientnet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"strings"

	"github.com/nlpodyssey/gopickle/pickle"
	"github.com/nlpodyssey/gopickle/pytorch"
	"github.com/nlpodyssey/gopickle/types"

	"seemore/pkg/weights"
)

// ParsePTH reads the tensors of a file that torch.save wrote in its older form, until PyTorch 1.6: four
// pickles in a row (a magic number, a version, facts about the machine, the tensors), one with the
// storages' names, then the storages' numbers. float32 and int64 are understood.
//
// Pickles are programs; gopickle runs theirs with nothing to call but what a dictionary of tensors needs.
// Its own reader of such files takes one that is cut off for a whole one, so the numbers are read
// here. Whatever is wrong with a file is an error of one line.
func ParsePTH(content []byte) (tensors map[string]weights.Tensor, err error) {
	defer func() {
		// The unpickler indexes its stack as the file tells it.
		if caught := recover(); caught != nil {
			tensors, err = nil, fmt.Errorf("is no PyTorch file or damaged: %v", caught)
		}
		if err != nil {
			err = errors.New(onOneLine(err.Error()))
		}
	}()
	if bytes.HasPrefix(content, []byte("PK\x03\x04")) {
		return nil, errors.New("is a PyTorch file of the newer form: expected the older one, which is no zip file")
	}
	rest := content
	magic, err := unpickle(&rest, nil)
	if number, ok := magic.(*big.Int); err != nil || !ok || number.Text(16) != "1950a86a20f9469cfc6c" {
		return nil, fmt.Errorf("is no PyTorch file: %d bytes beginning with %q", len(content), content[:min(8, len(content))])
	}
	var parts [4]any // version, machine, tensors, names of the storages
	stored := storages{}
	for i := range parts {
		if parts[i], err = unpickle(&rest, stored); err != nil {
			return nil, fmt.Errorf("is cut off or damaged: part %d: %w", i+2, err)
		}
	}
	if parts[0] != 1001 {
		return nil, fmt.Errorf("is a PyTorch file of version %v: expected 1001", parts[0])
	}
	if err := stored.read(bytes.NewReader(rest), parts[3]); err != nil {
		return nil, err
	}
	return namedTensors(parts[2], len(content))
}

// onOneLine is a message that may quote the file, without its line breaks and not longer than a reader likes.
func onOneLine(message string) string {
	const most = 300
	if len(message) > most {
		message = message[:most] + "…"
	}
	return strings.NewReplacer("\n", " ", "\r", " ").Replace(message)
}

// unpickle runs the pickle at the beginning of rest, which is what follows it then.
func unpickle(rest *[]byte, stored storages) (any, error) {
	length, err := pickleLength(*rest)
	if err != nil {
		return nil, err
	}
	unpickler := pickle.NewUnpickler(bytes.NewReader((*rest)[:length]))
	*rest = (*rest)[length:]
	unpickler.FindClass = findClass
	unpickler.PersistentLoad = stored.declare
	return unpickler.Load()
}

// rebuild makes a tensor from its storage, offset, shape, strides and what is not needed here.
type rebuild struct{ pytorch.RebuildTensorV2 }

func (r *rebuild) Call(arguments ...any) (any, error) {
	for _, argument := range arguments {
		if tuple, ok := argument.(*types.Tuple); ok && tuple.Len() > maxAxes {
			return nil, fmt.Errorf("a tensor has %d axes: at most %d", tuple.Len(), maxAxes)
		}
	}
	return r.RebuildTensorV2.Call(arguments...)
}

const maxAxes = 8

// findClass gives the few classes and functions that a file may name.
func findClass(module, name string) (any, error) {
	switch module + "." + name {
	case "torch._utils._rebuild_tensor_v2":
		return &rebuild{}, nil
	case "torch.FloatStorage":
		return &pytorch.FloatStorageClass{}, nil
	case "torch.LongStorage":
		return &pytorch.LongStorageClass{}, nil
	}
	return nil, fmt.Errorf("%q is not allowed: expected tensors of float32 or int64", module+"."+name)
}

// storages are the arrays of numbers that tensors are views of, by name.
type storages map[string]pytorch.StorageInterface

// declare is called where a tensor names its storage: ("storage", class, name, place, size, view).
func (s storages) declare(id any) (any, error) {
	tuple, ok := id.(*types.Tuple)
	if !ok || tuple.Len() != 6 || tuple.Get(0) != "storage" || tuple.Get(5) != nil {
		return nil, errors.New("a storage is declared in an unknown way")
	}
	class, isClass := tuple.Get(1).(pytorch.StorageClassInterface)
	name, isName := tuple.Get(2).(string)
	size, isSize := tuple.Get(4).(int)
	if !isClass || !isName || !isSize {
		return nil, errors.New("a storage is declared in an unknown way")
	}
	if s[name] == nil {
		s[name] = class.New(size, "cpu")
	}
	return s[name], nil
}

// read fills the storages in the order of names: eight bytes with the size, then the numbers.
func (s storages) read(reader *bytes.Reader, names any) error {
	list, ok := names.(*types.List)
	if !ok || len(*list) != len(s) {
		return fmt.Errorf("is damaged: the tensors use %d storages, the list of them differs", len(s))
	}
	for _, name := range *list {
		key, _ := name.(string)
		var err error
		switch storage := s[key].(type) {
		case *pytorch.FloatStorage:
			storage.Data, err = numbers(reader, storage.Size, 4, func(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) })
		case *pytorch.LongStorage:
			storage.Data, err = numbers(reader, storage.Size, 8, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
		default:
			err = errors.New("no tensor uses it")
		}
		if err != nil {
			return fmt.Errorf("is cut off or damaged: storage %q: %w", key, err)
		}
	}
	if reader.Len() > 0 {
		return fmt.Errorf("is damaged: %d bytes follow the last storage", reader.Len())
	}
	return nil
}

// numbers reads one storage, which must have the size that was declared.
func numbers[T float32 | int64](reader *bytes.Reader, declared, width int, decode func([]byte) T) ([]T, error) {
	var prefix [8]byte
	if _, err := io.ReadFull(reader, prefix[:]); err != nil {
		return nil, errors.New("its size is missing")
	}
	if size := binary.LittleEndian.Uint64(prefix[:]); size != uint64(declared) || declared < 0 {
		return nil, fmt.Errorf("%d numbers, %d were declared", size, declared)
	}
	if left := reader.Len(); declared > left/width {
		return nil, fmt.Errorf("%d numbers of %d bytes, %d bytes are left", declared, width, left)
	}
	values, buffer := make([]T, declared), make([]byte, declared*width)
	if _, err := io.ReadFull(reader, buffer); err != nil {
		return nil, err
	}
	for i := range values {
		values[i] = decode(buffer[i*width:])
	}
	return values, nil
}
