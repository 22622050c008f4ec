package main

import (
	"regexp"
	"strings"
)

var (
	pathData    = regexp.MustCompile(`\sd="[^"]*"`)
	arcCommand  = regexp.MustCompile(`[aA][^a-df-zA-DF-Z"]*`) // up to the next command; an e may be an exponent's
	arcArgument = regexp.MustCompile(`^[\s,]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)`)
	arcFlag     = regexp.MustCompile(`^[\s,]*([01])`)
)

// separateArcs gives each arc of an SVG drawing a command of its own: "a" with fourteen numbers
// becomes two "a" with seven. It means the same, but oksvg draws all arcs of one command with the
// numbers of the first, and reads flags that are written together, as in "a1 1 0 01.5.5", as one.
func separateArcs(svg []byte) []byte {
	return pathData.ReplaceAllFunc(svg, func(data []byte) []byte {
		return arcCommand.ReplaceAllFunc(data, func(command []byte) []byte {
			return []byte(separated(string(command)))
		})
	})
}

// separated rewrites one arc command; what it cannot read stays as it is.
func separated(command string) string {
	var out strings.Builder
	rest, part := command[1:], 0 // of an arc: rx ry rotation large-arc sweep x y
	for ; strings.Trim(rest, ", \t\r\n") != ""; part = (part + 1) % 7 {
		pattern := arcArgument
		if part == 3 || part == 4 {
			pattern = arcFlag
		}
		found := pattern.FindStringSubmatch(rest)
		if found == nil {
			return command
		}
		if part == 0 {
			out.WriteByte(command[0])
		}
		out.WriteString(found[1] + " ")
		rest = rest[len(found[0]):]
	}
	if part != 0 {
		return command
	}
	return out.String()
}
