package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// At most, since the largest points take many seconds.
const (
	growRounds = 3
	growSteps  = 2
)

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
	{"seemoe", plainExperts, []int{8, 64}, func(j *job, n int) { j.Experts, j.Plain = n, true }},
}

const (
	plainExperts = "experts, plain form" // every expert works on every token
	dataPictures = "pictures of a data set"
)

// grow compares the points of each axis with its first one, in turn.
func grow(b *bench) error {
	for _, g := range growths {
		if err := b.growAlong(g); err != nil {
			return err
		}
	}
	return b.growPictures([]int{100, 1000, 10_000, 100_000})
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
	for i, n := range g.points {
		sides[i].name = fmt.Sprintf("%d %s", n, g.axis)
	}
	if err := inTurn(sides, min(b.rounds, growRounds), min(b.steps, growSteps)); err != nil {
		return err
	}
	var points []comparison
	for i, s := range sides {
		points = append(points, comparePoint(g, i, s, sides[0]))
	}
	return b.addGrowth(points)
}

// comparePoint is a point of an axis beside the first one.
func comparePoint(g growth, i int, s, first *side) comparison {
	c := compare(g.model, s, first)
	c.Axis, c.At = g.axis, float64(g.points[i])
	c.Peer = fmt.Sprintf("ours, %d %s", g.points[0], g.axis)
	c.Memory = &memories{OursMiB: s.peakMiB(), PeerMiB: first.peakMiB()}
	return c
}

// addGrowth puts the points of an axis out, with their figure and a note if they grow too fast.
func (b *bench) addGrowth(points []comparison) error {
	for _, c := range points {
		if err := b.add(c); err != nil {
			return err
		}
	}
	b.noteGrowth(points)
	if b.out == "" {
		return nil
	}
	return drawGrowth(points, b.out)
}

// growPictures reads data sets of more and more pictures: the time of a batch and of opening the
// set, and memory. A set that cannot be read ends the axis.
func (b *bench) growPictures(sizes []int) error {
	g := growth{model: "seemore", axis: dataPictures, points: sizes}
	var sides []*side
	var points []comparison
	for i, n := range sizes {
		folder := filepath.Join(b.scratch, "pictures")
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		if err := drawPictures(folder, n); err != nil {
			return err
		}
		s, opening, err := b.readSet(folder)
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
		if err != nil {
			b.pass(fmt.Sprintf("%d pictures", n), g.model, err)
			break
		}
		sides = append(sides, s)
		c := comparePoint(g, i, s, sides[0])
		c.OpenMS = 1000 * opening
		points = append(points, c)
	}
	stopAll(sides)
	return b.addGrowth(points)
}

// readSet opens a data set in a process of its own, and draws batches.
func (b *bench) readSet(folder string) (s *side, opening float64, err error) {
	j := fullSize("read", "seemore", batch)
	j.Folder, j.Backend = folder, "go" // computes nothing
	if s, err = b.ours(j); err != nil {
		return nil, 0, err
	}
	opened, err := s.run(1)
	if err != nil {
		return nil, 0, err
	}
	for range b.rounds {
		drawn, err := s.run(50)
		if err != nil {
			return nil, 0, err
		}
		s.turns = append(s.turns, drawn.Seconds)
	}
	return s, opened.Seconds[0], nil
}
