package main

import "fmt"

const growSteps = 2 // of each side in a round

// growth is how a step grows along one axis: the same job with one number changed.
type growth struct {
	model, axis string
	points      []int
	change      func(*job, int)
}

var growths = []growth{
	{"seemore", "characters", []int{32, 64, 128, 256, 512}, func(j *job, n int) { j.Characters = n }},
	{"seemore", "pictures in a batch", []int{1, 4, 16, 64}, func(j *job, n int) { j.Batch = n }},
	{"seemore", "decoder blocks", []int{2, 4, 8, 16}, func(j *job, n int) { j.Blocks = n }},
	{"seemoe", "experts", []int{8, 16, 32, 64}, func(j *job, n int) { j.Experts = n }},
	{"seemoe", "experts, plain form", []int{8, 64}, func(j *job, n int) { j.Experts, j.Plain = n, true }},
}

// grow compares the points of each axis with its first one, in turn.
func grow(b *bench) error {
	for _, g := range growths {
		if err := b.growAlong(g); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) growAlong(g growth) error {
	var jobs []job
	for _, n := range g.points {
		j := fullSize("step", g.model, batch)
		g.change(&j, n)
		jobs = append(jobs, j)
	}
	sides, err := b.allOurs(jobs)
	if err != nil {
		return err
	}
	defer stopAll(sides)
	if err := inTurn(sides, b.rounds, min(b.steps, growSteps)); err != nil {
		return err
	}
	for i, s := range sides {
		c := compare(g.model, s, sides[0])
		c.Axis, c.At = g.axis, float64(g.points[i])
		c.Peer = fmt.Sprintf("ours, %d %s", g.points[0], g.axis)
		c.Memory = &memories{OursMiB: s.peakMiB(), PeerMiB: sides[0].peakMiB()}
		if err := b.add(c); err != nil {
			return err
		}
	}
	return nil
}
