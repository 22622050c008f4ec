package main

const memorySteps = 30

// memory compares the most memory that a training run of 30 full-size steps takes.
func memory(b *bench) error {
	for _, model := range models {
		ours, err := b.ours(fullSize("step", model, batch))
		if err != nil {
			return err
		}
		mine, err := measure(ours)
		if err != nil {
			return err
		}
		for _, p := range b.peers {
			peer, err := b.start(p, "step", model)
			if err == nil {
				var theirs use
				if theirs, err = measure(peer); err == nil {
					err = b.addMemory(model, ours, peer, mine, theirs)
				}
			}
			if err != nil {
				b.pass(p.name, model, err)
			}
		}
	}
	return nil
}

// use is the memory that a run took, MiB.
type use struct{ resident, gpu float64 }

// measure runs a side to its end.
func measure(s *side) (use, error) {
	defer s.stop()
	watch := watchGPU()
	defer watch.stop()
	if _, err := s.run(1); err != nil {
		return use{}, err
	}
	a, err := s.run(memorySteps - 1)
	s.turns = append(s.turns, a.Seconds)
	return use{s.peakMiB(), watch.stop()}, err
}

func (b *bench) addMemory(model string, ours, peer *side, mine, theirs use) error {
	c := compare(model, ours, peer)
	c.Memory = &memories{mine.resident, theirs.resident, mine.gpu, theirs.gpu}
	if theirs.resident > 0 {
		c.Ratio = mine.resident / theirs.resident
		c.RatioMin, c.RatioMax = c.Ratio, c.Ratio
	}
	return b.add(c)
}
