// Package captions turns captioned pictures into what a model reads: a folder or a CSV file becomes
// a [Set], a Set becomes tokens and pixels ([Encode]), and those become seeded batches.
//
// Every error is one line that names the file or row, what was found and what was expected.
package captions
