package training

import (
	"errors"
	"strings"
	"testing"

	pkgerrors "github.com/pkg/errors"
)

func TestExplainKeepsErrorsThatNoCellCaused(t *testing.T) {
	plain := errors.New("plain")
	if got := explain(plain); got != plain {
		t.Errorf("got %v", got)
	}
	// This stack has no function of package main: as in a command, where the layers are worth having.
	wrapped := pkgerrors.WithMessage(pkgerrors.New("deep"), "graph")
	if got := explain(wrapped).Error(); got != "graph: deep" {
		t.Errorf("got %q", got)
	}
}

func TestCellPlacesStopAtThePackage(t *testing.T) {
	stack := pkgerrors.New("here").(traced).StackTrace()
	if places := cellPlaces(stack); len(places) > 0 {
		t.Errorf("the test is no cell: %s", strings.Join(places, ", "))
	}
}
