package main

import (
	"fmt"
	"slices"
)

const (
	batch = 16
	// manyPictures are written about at once, beside one alone.
	manyPictures = 64
)

var models = []string{"seemore", "seemoe"}

// step compares training steps, and ours with what the machine can do.
func step(b *bench) error {
	for _, model := range models {
		if err := b.against("step", fullSize("step", model, batch)); err != nil {
			return err
		}
	}
	return nil
}

// generate compares writing a text of 64 characters about one picture, and about 64 pictures at once with
// one.
func generate(b *bench) error {
	for _, model := range models {
		if err := b.against("generate", fullSize("generate", model, 1)); err != nil {
			return err
		}
		sides, err := b.allOurs([]job{fullSize("generate", model, manyPictures), fullSize("generate", model, 1)})
		if err != nil {
			return err
		}
		err = inTurn(sides, b.rounds, min(b.steps, 3))
		stopAll(sides)
		if err != nil {
			return err
		}
		c := compare(model, sides[0], sides[1])
		c.Variant, c.Peer = fmt.Sprintf("%d pictures", manyPictures), "ours, 1 picture"
		if err := b.add(c); err != nil {
			return err
		}
	}
	return nil
}

// against lets ours take turns with the peers, and of steps also with the machine's peak. A peer that does
// not run here is passed over, and named.
func (b *bench) against(script string, j job) error {
	ours, err := b.ours(j)
	if err != nil {
		return err
	}
	sides := []*side{ours}
	defer func() { stopAll(sides) }()
	for _, p := range b.peers {
		if p.name == "torch-original" && script == "generate" {
			continue // it does not do what it should there
		}
		if s := b.startOrPass(p, script, j.Model); s != nil {
			sides = append(sides, s)
		}
	}
	compared := sides[1:]
	peak := b.startPeak(script)
	if peak != nil {
		sides = append(sides, peak)
	}
	if err := inTurn(sides, b.rounds, b.steps); err != nil {
		return err
	}
	for _, s := range compared {
		c := compare(j.Model, ours, s)
		if peak != nil {
			c.Limit = newLimit(j, ours, peak.last, slices.Min(slices.Concat(peak.turns...)))
		}
		if err := b.add(c); err != nil {
			return err
		}
	}
	return nil
}

// startPeak starts what measures the machine's peak, for steps.
func (b *bench) startPeak(script string) *side {
	if script != "step" {
		return nil
	}
	return b.startOrPass(peer{name: "peak", framework: "torch"}, "peak", "seemore")
}
