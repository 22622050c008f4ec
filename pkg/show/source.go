package show

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"reflect"
	"runtime"
	"strings"
)

// Source is the definition of a function that is in force: a cell that failed to compile, or was not run
// again, has left the old one there.
type Source struct {
	Name        string // "PreNormBlock"; of a function without a name that in which it is written
	Text        string // gofmt-ed, without comments
	Fingerprint string // the first digits of the text's SHA-256
}

// SourceOf finds the source of a function from where it was compiled, in a package or in a cell.
//
// Two functions that differ only in the values that they have caught, as those that vlm.MLP returns,
// have the same source.
func SourceOf(function any) (Source, error) {
	value := reflect.ValueOf(function)
	if value.Kind() != reflect.Func || value.IsNil() {
		return Source{}, fmt.Errorf("a %T is no function: it has no source", function)
	}
	compiled := runtime.FuncForPC(value.Pointer())
	file, line := compiled.FileLine(compiled.Entry())
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return Source{}, fmt.Errorf("the source of %s cannot be read: %w", compiled.Name(), err)
	}
	node := functionAt(parsed, func(pos token.Pos) int { return files.Position(pos).Line }, line)
	if node == nil {
		return Source{}, fmt.Errorf("%s line %d: no function is defined here", file, line)
	}
	var text bytes.Buffer
	if err := format.Node(&text, files, node); err != nil {
		return Source{}, err
	}
	sum := sha256.Sum256(text.Bytes())
	return Source{Name: shortName(compiled.Name()), Text: text.String(), Fingerprint: hex.EncodeToString(sum[:4])}, nil
}

// functionAt is the innermost function around a line.
func functionAt(file *ast.File, lineOf func(token.Pos) int, line int) (found ast.Node) {
	ast.Inspect(file, func(node ast.Node) bool {
		switch node.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			if lineOf(node.Pos()) <= line && line <= lineOf(node.End()) {
				found = node
			}
		}
		return true
	})
	return found
}

// shortName is "MLP" for "seemore/pkg/vlm.MLP.func1".
func shortName(name string) string {
	name = name[strings.LastIndex(name, "/")+1:]
	parts := strings.Split(name, ".")
	if len(parts) < 2 {
		return name
	}
	return parts[1]
}

// InForce prints name and fingerprint of functions, and returns the fingerprints by name, as
// training.Config keeps them.
func InForce(functions ...any) map[string]string {
	fingerprints := map[string]string{}
	for _, function := range functions {
		source, err := SourceOf(function)
		if err != nil {
			panic(err)
		}
		fingerprints[source.Name] = source.Fingerprint
		fmt.Printf("in force: %s %s, %d lines\n", source.Name, source.Fingerprint, strings.Count(source.Text, "\n")+1)
	}
	return fingerprints
}
