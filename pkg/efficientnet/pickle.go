package efficientnet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// The instructions of pickles that torch.save writes, with the bytes of their arguments. Everything else is refused: there are
// instructions that ask for as much memory as they like.
var (
	plainInstructions = []byte(".()]}NQRabetsu\x85\x86\x87\x88\x89")
	sizedInstructions = map[byte]int{'K': 1, 'q': 1, 'h': 1, '\x80': 1, 'M': 2, 'J': 4, 'r': 4, 'j': 4}
)

// pickleLength is where the pickle at the beginning of content ends, after its last instruction, the point. All arguments of its
// instructions are there.
func pickleLength(content []byte) (int, error) {
	for at := 0; at < len(content); {
		instruction := content[at]
		size, err := argumentSize(instruction, content[at+1:])
		if err != nil {
			return 0, err
		}
		if at += 1 + size; at > len(content) {
			break
		}
		if instruction == '.' {
			return at, nil
		}
	}
	return 0, errors.New("it has no end")
}

func argumentSize(instruction byte, rest []byte) (int, error) {
	if bytes.IndexByte(plainInstructions, instruction) >= 0 {
		return 0, nil
	}
	if size := sizedInstructions[instruction]; size > 0 {
		return size, nil
	}
	switch {
	case instruction == '\x8a' && len(rest) >= 1: // a whole number
		return 1 + int(rest[0]), nil
	case instruction == 'X' && len(rest) >= 4: // a text
		return 4 + int(binary.LittleEndian.Uint32(rest)), nil
	case instruction == 'c': // module and name, each to the end of its line
		module := bytes.IndexByte(rest, '\n') + 1
		return module + bytes.IndexByte(rest[module:], '\n') + 1, nil
	}
	return 0, fmt.Errorf("instruction 0x%02x is cut off or none that PyTorch writes", instruction)
}
