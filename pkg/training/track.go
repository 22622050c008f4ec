package training

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ui/plot"

	"seemore/pkg/captions"
	"seemore/pkg/vlm"
)

// Tracker is told about a training as it happens, for a server that keeps experiments; pkg/tracking
// has one for MLflow.
type Tracker interface {
	plot.Plotter                          // every point of the curves
	Parameters(fields map[string]any)     // the configuration, once, before the first step
	Artifact(name string, content []byte) // a file of the run
	Close(finished bool)                  // the training is over, to its last step or before
}

// maxTracked is how many captions a tracker gets to see.
const maxTracked = 16

// trackEnd sends some captions and closes the tracker.
func (l *loop) trackEnd(failed bool) {
	if l.Tracker == nil {
		return
	}
	if !failed && !l.trained.Interrupted { // who interrupts does not want to wait for captions
		if lines, err := l.trained.compareCaptions(l.Train, maxTracked); err == nil {
			l.Tracker.Artifact("captions.txt", []byte(lines))
		} else {
			l.progress.warn(fmt.Sprintf("no captions for the tracker: %s", firstLine(err)))
		}
	}
	l.Tracker.Close(!failed && !l.trained.Interrupted)
}

// compareCaptions writes captions of a set's first pictures with different captions, a line each: the
// true one, a tab, the run's. A run that never learned how a caption begins is given its first
// character.
func (r *Run) compareCaptions(encoded *captions.Encoded, most int) (string, error) {
	var truths []string
	written, images, begins := map[string]string{}, map[string][][]float32{}, map[string][]string{}
	for i, example := range encoded.Set.Examples {
		if slices.Contains(truths, example.Caption) || len(truths) == most {
			continue
		}
		begin := ""
		if !r.Config.PredictFirst {
			begin = string([]rune(example.Caption)[:1])
		}
		truths = append(truths, example.Caption)
		images[begin], begins[begin] = append(images[begin], encoded.Images[i]), append(begins[begin], example.Caption)
	}
	for begin, truths := range begins {
		prompt, err := r.Config.MustEncoding().Vocabulary.Encode(begin)
		if err != nil {
			return "", err
		}
		texts, err := r.Caption(images[begin], vlm.Sampling{Prompt: prompt})
		if err != nil {
			return "", err
		}
		for i, truth := range truths {
			written[truth] = texts[i]
		}
	}
	var lines strings.Builder
	for _, truth := range truths {
		fmt.Fprintf(&lines, "%s\t%s\n", truth, written[truth])
	}
	return lines.String(), nil
}
