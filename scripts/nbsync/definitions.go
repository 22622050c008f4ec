package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// definition is a function, method or type at the top level of a file or cell.
type definition struct {
	name   string // "Block", "Model.Forward"
	source string // as written, comments included
	tree   string // printed from its syntax tree: no comments, one layout
	place  string // "pkg/vlm/block.go"
}

// readPackages collects the definitions of all packages by name.
func readPackages(root string) (map[string]definition, error) {
	library := map[string]definition{}
	for _, folder := range packages {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			found, err := definitions(string(content), filepath.Join(folder, filepath.Base(path)))
			if err != nil {
				return nil, err
			}
			for _, d := range found {
				if _, known := library[d.name]; !known {
					library[d.name] = d
				}
			}
		}
	}
	return library, nil
}

// definitions lists what Go source defines at its top level.
func definitions(source, place string) ([]definition, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, "", source, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	var found []definition
	for _, node := range parsed.Decls {
		name := nameOf(node)
		if name == "" {
			continue
		}
		start := node.Pos()
		if doc := docOf(node); doc != nil {
			start = doc.Pos()
		}
		text := source[files.Position(start).Offset:files.Position(node.End()).Offset]
		tree, err := treeOf(node)
		if err != nil {
			return nil, err
		}
		found = append(found, definition{name, text, tree, place})
	}
	return found, nil
}

func nameOf(node ast.Decl) string {
	switch node := node.(type) {
	case *ast.FuncDecl:
		if node.Recv == nil {
			return node.Name.Name
		}
		receiver := node.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		return fmt.Sprintf("%s.%s", receiver, node.Name.Name)
	case *ast.GenDecl:
		if spec, ok := node.Specs[0].(*ast.TypeSpec); ok && len(node.Specs) == 1 && !spec.Assign.IsValid() {
			return spec.Name.Name
		}
	}
	return ""
}

func docOf(node ast.Decl) *ast.CommentGroup {
	switch node := node.(type) {
	case *ast.FuncDecl:
		return node.Doc
	case *ast.GenDecl:
		return node.Doc
	}
	return nil
}

// qualifier is the name of one of the packages before a name of it: not that of myvlm.Linear.
var qualifier = func() *regexp.Regexp {
	var names []string
	for _, folder := range packages {
		names = append(names, filepath.Base(folder))
	}
	return regexp.MustCompile(`\b(?:` + strings.Join(names, "|") + `)\.`)
}()

// treeOf prints a syntax tree without comments. "vlm.Linear" in a cell is "Linear" in its package.
func treeOf(node ast.Decl) (string, error) {
	node = withoutComments(node)
	var out bytes.Buffer
	// A file set of its own makes the printer forget the original lines.
	if err := printer.Fprint(&out, token.NewFileSet(), node); err != nil {
		return "", err
	}
	text := qualifier.ReplaceAll(out.Bytes(), nil)
	formatted, err := format.Source(text)
	return string(formatted), err
}

func withoutComments(node ast.Decl) ast.Decl {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			n.Doc = nil
		case *ast.GenDecl:
			n.Doc = nil
		case *ast.Field:
			n.Doc, n.Comment = nil, nil
		case *ast.TypeSpec:
			n.Doc, n.Comment = nil, nil
		case *ast.ValueSpec:
			n.Doc, n.Comment = nil, nil
		}
		return true
	})
	return node
}
