package training

import (
	"context"
	"fmt"
	"slices"

	"seemore/pkg/captions"
	"seemore/pkg/vlm"
)

// Report says how well a run captions pictures, and what the same pictures earn without a model.
type Report struct {
	Written []string        // the run's captions, in the order of the pictures
	Scores  captions.Scores // of these
	// Nearest are the scores of copying the caption of the most similar training picture: the bar that
	// a model has to pass.
	Nearest captions.Scores
	// NearestByFeatures are those scores by the features of a ready-made encoder instead of pixels; nil where
	// the run's model has its own.
	NearestByFeatures *captions.Scores
	Losses            PictureLosses
}

// PictureLosses are the mean losses over all characters, nats, of the right captions beside three
// kinds of pictures. A model that looks is worse with the wrong ones.
type PictureLosses struct {
	Right    float64 // each caption's own picture
	Shuffled float64 // another caption's
	Blank    float64 // a white one
}

// Evaluate captions the pictures of a part of the data that the run did not learn from.
func (r *Run) Evaluate(learned, part *captions.Set) (Report, error) {
	if !r.Config.PredictFirst {
		return Report{}, fmt.Errorf("%s never learned how a caption begins (predict_first is false): it writes none by itself", r.Folder)
	}
	if err := captions.Disjoint(learned, part); err != nil {
		return Report{}, err
	}
	before, err := r.Config.Encode(learned, r.Backend)
	if err != nil {
		return Report{}, err
	}
	now, err := r.Config.Encode(part, r.Backend)
	if err != nil {
		return Report{}, err
	}
	var report Report
	if report.Written, err = r.Caption(now.Images, vlm.Sampling{}); err != nil {
		return Report{}, err
	}
	if report.Scores, err = captions.Score(report.Written, part.Captions()); err != nil {
		return Report{}, err
	}
	if report.Nearest, err = copied(before, now, before.Images, now.Images); err != nil {
		return Report{}, err
	}
	if now.Features != nil {
		scores, err := copied(before, now, before.Features, now.Features)
		if err != nil {
			return Report{}, err
		}
		report.NearestByFeatures = &scores
	}
	report.Losses, err = r.pictureLosses(now)
	return report, err
}

// MustEvaluate is Evaluate for notebook cells: it panics on an error.
func (r *Run) MustEvaluate(learned, part *captions.Set) Report {
	report, err := r.Evaluate(learned, part)
	if err != nil {
		panic(err)
	}
	return report
}

// copied scores the captions of the nearest training pictures, by pixels or features of both sets.
func copied(before, now *captions.Encoded, valuesBefore, valuesNow [][]float32) (captions.Scores, error) {
	nearest, err := captions.Nearest(valuesNow, valuesBefore)
	if err != nil {
		return captions.Scores{}, err
	}
	texts := make([]string, len(nearest))
	for i, j := range nearest {
		texts[i] = before.Set.Examples[j].Caption
	}
	return captions.Score(texts, now.Set.Captions())
}

func (r *Run) pictureLosses(encoded *captions.Encoded) (losses PictureLosses, err error) {
	measure, err := newEvaluator(r.Backend, r.Store, r.Model, r.Config.PredictFirst)
	if err != nil {
		return losses, err
	}
	half := len(encoded.Images) / 2
	others := slices.Concat(encoded.Images[half:], encoded.Images[:half])
	blank := slices.Repeat([][]float32{captions.Blank(encoded.Size)}, len(encoded.Images))
	for _, kind := range []struct {
		images [][]float32
		loss   *float64
	}{{encoded.Images, &losses.Right}, {others, &losses.Shuffled}, {blank, &losses.Blank}} {
		shown, err := r.Config.seen(encoded, kind.images, r.Backend)
		if err != nil {
			return losses, err
		}
		if *kind.loss, err = measure.loss(context.Background(), shown.Sequential(encoded.Set.Name, r.Config.BatchSize)); err != nil {
			return losses, err
		}
	}
	return losses, nil
}
