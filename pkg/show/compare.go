package show

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Comparison is several runs on one plot, ranked. Runs of one label are repetitions of one experiment
// with other seeds; they become a line with a band around it.
type Comparison struct {
	Figure *Figure
	Ranked []Ranked // the lowest loss first
}

// Ranked is one experiment in a [Comparison].
type Ranked struct {
	Label     string
	Runs      int     // repetitions
	Loss      float64 // the mean of the last tenth of the steps, over all repetitions; nats a character
	Low, High float64 // that of the best and of the worst repetition
	Differs   string  // from the first experiment: the settings, with that one's value and this one's
}

// Compare overlays the training losses of runs, says in which settings they differ from the first, and
// ranks them.
func Compare(runs ...Run) *Comparison {
	c := &Comparison{Figure: &Figure{Title: "training loss", XTitle: "step", YTitle: "loss", LogY: true}}
	for i, group := range byLabel(runs) {
		color := palette[i%len(palette)]
		line, band := meanAndRange(group)
		line.Color = color
		c.Figure.Lines = append(c.Figure.Lines, line)
		if len(group) > 1 {
			c.Figure.Bands = append(c.Figure.Bands, band)
		}
		c.Ranked = append(c.Ranked, rankedOf(group, runs[0]))
	}
	slices.SortStableFunc(c.Ranked, func(a, b Ranked) int { return cmp.Compare(sortable(a.Loss), sortable(b.Loss)) })
	return c
}

// Display shows the plot and, below it, the ranking.
func (c *Comparison) Display() {
	c.Figure.Display()
	var rows [][]string
	for i, r := range c.Ranked {
		loss := fmt.Sprintf("%.3f", r.Loss)
		if r.Runs > 1 {
			loss += fmt.Sprintf(" (%.3f to %.3f, %d seeds)", r.Low, r.High, r.Runs)
		}
		rows = append(rows, []string{fmt.Sprint(i + 1), r.Label, loss, r.Differs})
	}
	Table([]string{"", "experiment", "loss, last tenth", "what differs from the first"}, rows)
}

// sortable puts what is no number last.
func sortable(loss float64) float64 {
	if math.IsNaN(loss) {
		return math.Inf(1)
	}
	return loss
}

// byLabel groups the repetitions, in the order in which labels appear.
func byLabel(runs []Run) (groups [][]Run) {
	at := map[string]int{}
	for _, run := range runs {
		i, found := at[run.Label]
		if !found {
			i, at[run.Label] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], run)
	}
	return groups
}

const trainLoss = "train loss"

// meanAndRange is the mean of the repetitions' training losses and the range that they span.
func meanAndRange(group []Run) (Line, Band) {
	var losses [][]float64
	for _, run := range group {
		_, values := run.Values(trainLoss)
		losses = append(losses, smoothed(values))
	}
	band := BandOf(group[0].Label+", all seeds", 0, losses...)
	line := Line{Label: group[0].Label, X: band.Steps}
	for step := range band.Steps {
		sum := 0.0
		for _, values := range losses {
			sum += values[step]
		}
		line.Y = append(line.Y, sum/float64(len(losses)))
	}
	return line, band
}

// smoothed is the mean of each value and up to nine before it: single batches jump too much to be
// compared.
func smoothed(values []float64) []float64 {
	const window = 10
	smooth, sum := make([]float64, len(values)), 0.0
	for i, value := range values {
		sum += value
		if i >= window {
			sum -= values[i-window]
		}
		smooth[i] = sum / float64(min(i+1, window))
	}
	return smooth
}

func rankedOf(group []Run, first Run) Ranked {
	r := Ranked{Label: group[0].Label, Runs: len(group), Low: math.Inf(1), High: math.Inf(-1)}
	for _, run := range group {
		_, values := run.Values(trainLoss)
		last := mean(values[len(values)-(len(values)+9)/10:])
		r.Loss += last / float64(len(group))
		r.Low, r.High = min(r.Low, last), max(r.High, last)
	}
	r.Differs = strings.Join(changed(first.Settings, group[0].Settings), ", ")
	return r
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, value := range values {
		sum += value
	}
	return sum / float64(len(values))
}

// changed lists the settings that two runs do not share; which seed a run has is not one of them.
func changed(before, after map[string]any) []string {
	var changes []string
	for name, value := range after {
		switch old, found := before[name]; {
		case name == "seed" || found && fmt.Sprint(old) == fmt.Sprint(value):
		case found:
			changes = append(changes, fmt.Sprintf("%s %v → %v", name, old, value))
		default:
			changes = append(changes, fmt.Sprintf("%s %v", name, value))
		}
	}
	for name, old := range before {
		if _, found := after[name]; !found {
			changes = append(changes, fmt.Sprintf("no %s, was %v", name, old))
		}
	}
	slices.Sort(changes)
	return changes
}
