package training

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
)

// progress shows how far a training is: one line that is rewritten on a terminal, a line every now
// and then elsewhere (in a notebook the curve itself moves).
type progress struct {
	output   io.Writer
	terminal bool
	steps    int
	started  time.Time // of the second step: the first one compiles
	first    int
	shown    time.Time
}

func newProgress(output io.Writer, steps int) *progress {
	file, ok := output.(*os.File)
	return &progress{output: output, terminal: ok && isatty.IsTerminal(file.Fd()), steps: steps, first: -1}
}

// step reports the loss of a step that is done.
func (p *progress) step(step int, loss float64) {
	if p.first < 0 {
		p.started, p.first = time.Now(), step
	}
	last := step+1 == p.steps
	if p.terminal {
		if !last && time.Since(p.shown) < 100*time.Millisecond {
			return
		}
		p.shown = time.Now()
		done := 30 * (step + 1) / p.steps
		fmt.Fprintf(p.output, "\r%s%s %d/%d  loss %.4f%s\x1b[K", bar[:done*len("█")], space[:30-done], step+1, p.steps, loss, p.pace(step))
		if last {
			fmt.Fprintln(p.output)
		}
		return
	}
	if interval := max(1, p.steps/10); step%interval == 0 || last {
		fmt.Fprintf(p.output, "step %d of %d: loss %.4f%s\n", step, p.steps, loss, p.pace(step))
	}
}

const (
	bar   = "██████████████████████████████"
	space = "                              "
)

// pace is the time of a step and of what is left.
func (p *progress) pace(step int) string {
	if step == p.first {
		return ""
	}
	each := time.Since(p.started) / time.Duration(step-p.first)
	left := time.Duration(p.steps-step-1) * each
	return fmt.Sprintf("  %.2f s a step, %s left", each.Seconds(), left.Round(time.Second))
}

// line prints a line of its own.
func (p *progress) line(format string, arguments ...any) {
	if p.terminal {
		fmt.Fprint(p.output, "\r\x1b[K")
	}
	fmt.Fprintf(p.output, format+"\n", arguments...)
}

func (p *progress) warn(message string) { p.line("%s", message) }
