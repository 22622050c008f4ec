package training

import (
	"errors"
	"fmt"
	"strings"

	pkgerrors "github.com/pkg/errors"
)

// mostPlaces is how many places a message names.
const mostPlaces = 4

// traced is an error that knows where it came from.
type traced interface {
	error
	StackTrace() pkgerrors.StackTrace
}

// misfit is a setting that does not fit the model, which shows only when its graph is built.
type misfit string

func (m misfit) Error() string { return string(m) }

// explain is for errors of building a graph, which GoMLX wraps in several layers: what went wrong, followed
// by the places in a notebook's cells that led there, innermost first.
func explain(err error) error {
	var setting misfit
	if errors.As(err, &setting) {
		return setting
	}
	var innermost traced
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		if found, ok := inner.(traced); ok {
			innermost = found
		}
	}
	if innermost == nil {
		return err
	}
	places := cellPlaces(innermost.StackTrace())
	if len(places) == 0 {
		return err
	}
	return fmt.Errorf("%w\n\tin %s", pkgerrors.Cause(innermost), strings.Join(places, "\n\tin "))
}

// cellPlaces are the functions of a stack that a cell defined, each with its file and line, which the
// kernel turns into cell and line.
func cellPlaces(stack pkgerrors.StackTrace) (places []string) {
	for _, frame := range stack {
		function, file, _ := strings.Cut(fmt.Sprintf("%+s", frame), "\n\t")
		if strings.HasPrefix(function, "seemore/pkg/training.") || len(places) == mostPlaces {
			break
		}
		if name, ok := strings.CutPrefix(function, "main."); ok && strings.HasSuffix(file, "/main.go") {
			places = append(places, fmt.Sprintf("%s %s:%d", name, file, frame))
		}
	}
	return places
}
