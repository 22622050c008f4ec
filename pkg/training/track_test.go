package training

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ui/plot"
)

// notebook is a tracker that keeps what it is told.
type notebook struct {
	fields   map[string]any
	points   int
	captions string
	closed   []bool
}

func (n *notebook) AddPoint(plot.Point)              { n.points++ }
func (n *notebook) DynamicSampleDone(bool)           {}
func (n *notebook) Parameters(fields map[string]any) { n.fields = fields }
func (n *notebook) Artifact(_ string, text []byte)   { n.captions = string(text) }
func (n *notebook) Close(finished bool)              { n.closed = append(n.closed, finished) }

func TestTracker(t *testing.T) {
	options, kept := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 3), &notebook{}
	options.Tracker = kept
	if _, err := Train(options); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(kept.fields["learning_rate"]) != "0.001" || kept.points != 3 || fmt.Sprint(kept.closed) != "[true]" {
		t.Errorf("learning rate %v, %d points, closed %v", kept.fields["learning_rate"], kept.points, kept.closed)
	}
	if got := strings.Count(kept.captions, "\t"); got != 4 || !strings.Contains(kept.captions, "red\t") {
		t.Errorf("captions %q: want 4", kept.captions)
	}
}

// TestRefusedTrainingClosesTheTracker: a server must not wait for a run that never began.
func TestRefusedTrainingClosesTheTracker(t *testing.T) {
	options, kept := tinyOptions(t, colours(t), filepath.Join(t.TempDir(), "run"), 3), &notebook{}
	options.Tracker, options.Config.BatchSize = kept, 0
	if _, err := Train(options); err == nil || fmt.Sprint(kept.closed) != "[false]" {
		t.Errorf("error %v, closed %v", err, kept.closed)
	}
}
