//go:build modules

package main

// The font is read from the module cache; importing it for real would put its 10 MB into the program.
// This import only keeps its version in go.mod.
import _ "eliasnaur.com/font/noto/emoji/color"
