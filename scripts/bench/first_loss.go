package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	firstLossRounds = 3 // at most
	compileRounds   = 2 // of torch.compile: with its cache empty, and filled
)

// pair is ours and a peer, measured one after the other.
type pair struct {
	peer, variant string
	mine, theirs  side
}

// firstLoss compares the time from the start of a process to its first loss: everything loaded, the model
// made, compiled where there is something to compile, one step taken. torch.compile keeps what it compiled
// on the disk, so its first start is a line of its own.
func firstLoss(b *bench) error {
	build := b.cellBuild()
	for _, model := range models {
		var pairs []*pair
		rounds := min(b.rounds, firstLossRounds)
		for round := range rounds {
			mine, err := timeToLoss(b.ours(fullSize("step", model, batch)))
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "round %d of %d: ours %.1f s", round+1, rounds, mine)
			for _, p := range b.peers {
				if p.name == "torch.compile" && round >= compileRounds {
					continue
				}
				theirs, err := timeToLoss(b.start(p, "step", model))
				if err != nil {
					b.pass(p.name, model, err)
					continue
				}
				fmt.Fprintf(os.Stderr, ", %s %.1f s", p.name, theirs)
				pairs = addTurn(pairs, p.name, cacheOf(p, round), mine, theirs)
			}
			fmt.Fprintln(os.Stderr)
		}
		for _, pair := range pairs {
			c := compare(model, &pair.mine, &pair.theirs)
			c.Peer, c.Variant, c.BuildMS = pair.peer, pair.variant, build
			if err := b.add(c); err != nil {
				return err
			}
		}
	}
	return nil
}

// cacheOf says what torch.compile finds on the disk.
func cacheOf(p peer, round int) string {
	switch {
	case p.name != "torch.compile":
		return ""
	case round == 0:
		return "peer's cache empty"
	default:
		return "peer's cache filled"
	}
}

// addTurn adds a turn to the pair of a peer and a variant.
func addTurn(pairs []*pair, peer, variant string, mine, theirs float64) []*pair {
	for _, p := range pairs {
		if p.peer == peer && p.variant == variant {
			p.mine.turns = append(p.mine.turns, []float64{mine})
			p.theirs.turns = append(p.theirs.turns, []float64{theirs})
			return pairs
		}
	}
	return addTurn(append(pairs, &pair{peer: peer, variant: variant}), peer, variant, mine, theirs)
}

// timeToLoss asks a side that was just started for one step, and returns the seconds from its start to
// its answer.
func timeToLoss(s *side, err error) (float64, error) {
	if err != nil {
		return 0, err
	}
	defer s.stop()
	_, err = s.run(1)
	return time.Since(s.started).Seconds(), err
}

// cell is a program as a notebook's training cell is one.
const cell = `package main

import (
	"fmt"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/show"
	"seemore/pkg/training"
	"seemore/pkg/vlm"
)

func main() {
	fmt.Println(%d, backend.MustOpen(""), captions.Encode, show.Curves, training.Train, vlm.Seemore)
}
`

// cellBuild is the milliseconds that "go build" of an edited cell takes, its packages compiled before; 0
// where there is no Go.
func (b *bench) cellBuild() float64 {
	folder := filepath.Join(b.root, "build/bench_cell")
	defer os.RemoveAll(folder)
	var took time.Duration
	for edit := range 2 { // the first one compiles the packages
		text := fmt.Sprintf(cell, time.Now().UnixNano()+int64(edit))
		if os.MkdirAll(folder, 0o755) != nil || os.WriteFile(filepath.Join(folder, "main.go"), []byte(text), 0o644) != nil {
			return 0
		}
		command := exec.Command("go", "build", "-o", filepath.Join(b.scratch, "cell"), ".")
		command.Dir = folder
		began := time.Now()
		if command.Run() != nil {
			return 0
		}
		took = time.Since(began)
	}
	return 1000 * took.Seconds()
}
