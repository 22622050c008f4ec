package main

// limit is how near a step comes to what the machine can do: the floating-point operations of its matrix
// products in a second, beside those of one large product.
type limit struct {
	StepGFLOP  float64 `json:"step_gflop"`
	OursGFLOPS float64 `json:"ours_gflops"`
	PeakGFLOPS float64 `json:"peak_gflops"` // best of all turns
	Fraction   float64 `json:"fraction"`
}

func newLimit(j job, ours *side, peak, peakSeconds float64) *limit {
	work := j.stepFLOP() / 1e9
	l := &limit{StepGFLOP: work, OursGFLOPS: work / (ours.turns.medianMS() / 1000), PeakGFLOPS: peak / peakSeconds / 1e9}
	l.Fraction = l.OursGFLOPS / l.PeakGFLOPS
	return l
}

// stepFLOP counts the floating-point operations of a training step's matrix products, a multiplication and
// an addition each one: each token with the experts that it uses and no padding, nothing that is not read, and
// twice as many again for the gradients.
func (j job) stepFLOP() float64 {
	config, _ := j.model()
	vision, decoder := config.Model.Vision, config.Model.Decoder
	patches := float64(vision.NumPatches())
	positions := patches + 1 // [CLS]
	width, narrow := float64(vision.EmbedDim), float64(decoder.EmbedDim)
	feedForward := func(width float64) float64 { return 2 * product(1, width, 4*width) }

	picture := product(patches, float64(vision.PatchSize*vision.PatchSize*3), width)
	picture += float64(vision.NumBlocks-1) * (attentionFLOP(positions, width) + positions*feedForward(width))
	// The last layer asks for the [CLS] token alone, see [vlm.WithClassTokenOnly].
	picture += 2*product(positions+1, width, width) + 2*product(1, width, positions) + feedForward(width)
	picture += product(1, width, 4*width) + product(1, 4*width, narrow) // the projector

	positions = float64(1 + j.Characters)
	token := feedForward(narrow)
	if decoder.NumExperts > 0 {
		token = float64(decoder.TopK)*token + 2*product(1, narrow, float64(decoder.NumExperts))
	}
	text := float64(decoder.NumBlocks) * (attentionFLOP(positions, narrow) + positions*token)
	text += product(positions, narrow, float64(decoder.VocabSize))
	return 3 * float64(j.Batch) * (picture + text)
}

// attentionFLOP are queries, keys, values and the output of every position, and all pairs of positions
// twice: scores and mixing.
func attentionFLOP(positions, width float64) float64 {
	return 4*product(positions, width, width) + 2*product(positions, width, positions)
}

// product counts the operations of a matrix product.
func product(rows, inner, columns float64) float64 { return 2 * rows * inner * columns }
