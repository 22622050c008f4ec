package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// comparison is one line of the output: ours beside a peer's. Times are medians of all turns in
// milliseconds; the ratio is ours by the peer's, the median over the rounds with its extremes. It
// compares what the line is about: times, or peak memories where there are any.
type comparison struct {
	What     string  `json:"what"`
	Model    string  `json:"model"`
	Backend  string  `json:"backend"`
	OursMS   float64 `json:"ours_ms"`
	Peer     string  `json:"peer"`
	PeerMS   float64 `json:"peer_ms"`
	Ratio    float64 `json:"ratio"`
	RatioMin float64 `json:"ratio_min"`
	RatioMax float64 `json:"ratio_max"`

	Variant string    `json:"variant,omitempty"`  // what is particular about the comparison: "64 pictures"
	Axis    string    `json:"axis,omitempty"`     // of grow: what grows
	At      float64   `json:"at,omitempty"`       // how far
	BuildMS float64   `json:"build_ms,omitempty"` // of first-loss: "go build" of an edited cell, which comes before ours
	OpenMS  float64   `json:"open_ms,omitempty"`  // of a data set: opening it, every picture decoded
	Memory  *memories `json:"memory,omitempty"`
	Limit   *limit    `json:"limit,omitempty"`
}

// memories are peaks of what a process had resident in the machine's memory, MiB, and of what the GPU had
// in use meanwhile, if there is one.
type memories struct {
	OursMiB    float64 `json:"ours_mib"`
	PeerMiB    float64 `json:"peer_mib"`
	OursGPUMiB float64 `json:"ours_gpu_mib,omitempty"`
	PeerGPUMiB float64 `json:"peer_gpu_mib,omitempty"`
}

// String is the comparison's line of the table.
func (c comparison) String() string {
	name := c.Model
	if c.Variant != "" {
		name += ", " + c.Variant
	}
	if c.Axis != "" {
		name += fmt.Sprintf(", %g %s", c.At, c.Axis)
	}
	line := fmt.Sprintf("%-10s  %-28s ours %9.1f ms   %-26s %9.1f ms   ratio %5.2f (%.2f to %.2f)",
		c.What, name, c.OursMS, c.Peer, c.PeerMS, c.Ratio, c.RatioMin, c.RatioMax)
	if m := c.Memory; m != nil {
		line += fmt.Sprintf("   %.0f and %.0f MiB", m.OursMiB, m.PeerMiB)
		if m.OursGPUMiB > 0 {
			line += fmt.Sprintf(", GPU %.0f and %.0f MiB", m.OursGPUMiB, m.PeerGPUMiB)
		}
	}
	if c.BuildMS > 0 {
		line += fmt.Sprintf("   go build before it %.0f ms", c.BuildMS)
	}
	if c.OpenMS > 0 {
		line += fmt.Sprintf("   opened in %.0f ms", c.OpenMS)
	}
	if l := c.Limit; l != nil {
		line += fmt.Sprintf("   ours %.0f GFLOP/s, %.0f %% of %.0f", l.OursGFLOPS, 100*l.Fraction, l.PeakGFLOPS)
	}
	return line
}

// turns are the seconds of one side: of each step in each round.
type turns [][]float64

func (t turns) medianMS() float64 { return 1000 * median(slices.Concat(t...)) }

// inTurn lets all sides take so many steps, one side after the other, round after round. What they do the
// first time, two steps, does not count: it compiles.
func inTurn(sides []*side, rounds, steps int) error {
	for _, s := range sides {
		if _, err := s.run(2); err != nil {
			return err
		}
	}
	for round := range rounds {
		var line []string
		for _, s := range sides {
			answer, err := s.run(steps)
			if err != nil {
				return err
			}
			s.turns = append(s.turns, answer.Seconds)
			line = append(line, fmt.Sprintf("%s %.1f ms", s.name, 1000*median(answer.Seconds)))
		}
		fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", round+1, rounds, strings.Join(line, ", "))
	}
	return nil
}

// compare is ours beside a peer that took turns with it.
func compare(model string, ours, peer *side) comparison {
	c := comparison{Model: model, Peer: peer.name, OursMS: ours.turns.medianMS(), PeerMS: peer.turns.medianMS()}
	var ratios []float64
	for round := range ours.turns {
		ratios = append(ratios, median(ours.turns[round])/median(peer.turns[round]))
	}
	c.Ratio, c.RatioMin, c.RatioMax = median(ratios), slices.Min(ratios), slices.Max(ratios)
	return c
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
