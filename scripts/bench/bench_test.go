package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMain lets the tests' own binary be a side, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		if err := run(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestRatiosAreThoseOfTheRounds(t *testing.T) {
	ours := &side{turns: turns{{1, 2, 3}, {4, 4, 4}, {6, 6, 6}}}
	theirs := &side{name: "torch", turns: turns{{1, 1, 1}, {1, 1, 1}, {2, 2, 2}}}
	c := compare("seemore", ours, theirs)
	if c.OursMS != 4000 || c.PeerMS != 1000 || c.Ratio != 3 || c.RatioMin != 2 || c.RatioMax != 4 || c.Peer != "torch" {
		t.Errorf("got %+v", c)
	}
}

// TestSidesTakeTurns: one works while the others wait, and what they do first does not count.
func TestSidesTakeTurns(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	var sides []*side
	for _, name := range []string{"a", "b"} {
		script := fmt.Sprintf(`while read line; do echo %s "$line" >>%s
			case $line in *2*) echo '{"seconds": [9, 9]}' ;; *) echo '{"seconds": [1, 2, 1.5], "loss": 4}' ;; esac; done`, name, log)
		s, err := startSide(name, exec.Command("sh", "-c", script))
		if err != nil {
			t.Fatal(err)
		}
		defer s.stop()
		sides = append(sides, s)
	}
	if err := inTurn(sides, 2, 3); err != nil {
		t.Fatal(err)
	}
	order, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	want := "a {steps: 2}\nb {steps: 2}\na {steps: 3}\nb {steps: 3}\na {steps: 3}\nb {steps: 3}\n"
	if got := strings.ReplaceAll(string(order), `"`, ""); got != want {
		t.Errorf("order is %q, want %q", got, want)
	}
	if got := sides[1].turns.medianMS(); got != 1500 || sides[1].last != 4 {
		t.Errorf("median is %v ms, the last loss %v", got, sides[1].last)
	}
}

func TestFailedSideSaysWhy(t *testing.T) {
	s, err := startSide("torch", exec.Command("sh", "-c", "read line; echo Traceback >&2; echo no torch here >&2; exit 1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.run(1); err == nil || !strings.Contains(err.Error(), "torch ended") || !strings.Contains(err.Error(), "no torch here") {
		t.Errorf("error is %v", err)
	}
}

// TestStepFLOP: almost all products are those of weights with tokens, so the sizes of the weights decide.
func TestStepFLOP(t *testing.T) {
	encoder := 37*2*(4*512*512+8*512*512+2*37*512) + // and the last layer, of the [CLS] token alone
		37*2*512*512 + (2*512*512 + 8*512*512 + 2*37*512)
	ends := 36*768*512 + 512*2048 + 2048*128 + 65*128*66
	decoder := 65 * 8 * (4*128*128 + 8*128*128 + 2*65*128)
	mixture := 65 * 8 * (4*128*128 + 2*8*128*128 + 2*128*8 + 2*65*128)
	for model, products := range map[string]int{"seemore": encoder + ends + decoder, "seemoe": encoder + ends + mixture} {
		if got, want := fullSize("step", model, 16).stepFLOP(), float64(2*3*16*products); got != want {
			t.Errorf("%s: %.4g, want %.4g", model, got, want)
		}
	}
}

func TestGrowthFasterThanLinearIsNoted(t *testing.T) {
	point := func(at, ms, mib float64) comparison {
		return comparison{Model: "seemoe", Axis: "experts", At: at, OursMS: ms, Memory: &memories{OursMiB: mib}}
	}
	points := []comparison{point(8, 1, 100), point(16, 2, 120), point(32, 8, 220)}
	b := &bench{}
	b.noteGrowth(points)
	if len(b.report.Notes) != 1 || b.report.Notes[0] != "seemoe: from 16 to 32 experts the time grows with the power 2.00" {
		t.Errorf("notes are %q", b.report.Notes)
	}
	if got := endExponent(points, quantities[1].value); math.Abs(got-0.874) > 1e-3 {
		t.Errorf("memory grows with the power %v", got)
	}
}

// TestDataSetsOfTwoSizes reads pictures in processes of their own and draws the axis.
func TestDataSetsOfTwoSizes(t *testing.T) {
	b := &bench{scratch: t.TempDir(), out: filepath.Join(t.TempDir(), "results.json"), rounds: 1, what: "grow"}
	if err := b.growPictures([]int{20, 40}); err != nil {
		t.Fatal(err)
	}
	if len(b.report.Results) != 2 {
		t.Fatalf("passed over: %q", b.report.PassedOver)
	}
	for _, c := range b.report.Results {
		if c.OursMS <= 0 || c.OpenMS <= 0 || c.Memory.OursMiB <= 0 {
			t.Errorf("got %v", c)
		}
	}
	for _, file := range []string{"results.json", "results-pictures-of-a-data-set.png"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(b.out), file)); err != nil {
			t.Error(err)
		}
	}
}

// TestGrowAlongAnAxis takes full-width steps of one short text with one block and with two.
func TestGrowAlongAnAxis(t *testing.T) {
	if testing.Short() {
		t.Skip("trains")
	}
	b := &bench{backend: "go", scratch: t.TempDir(), out: filepath.Join(t.TempDir(), "results.json"), rounds: 1, steps: 1, what: "grow"}
	g := growth{"seemore", "decoder blocks", []int{1, 2}, func(j *job, n int) { j.Blocks, j.Batch, j.Characters = n, 1, 4 }}
	if err := b.growAlong(g); err != nil {
		t.Fatal(err)
	}
	if len(b.report.Results) != 2 || b.report.Results[0].Ratio != 1 || b.report.Results[1].Peer != "ours, 1 decoder blocks" {
		t.Errorf("got %v", b.report.Results)
	}
	if _, err := os.Stat(figurePath(b.out, g.axis)); err != nil {
		t.Error(err)
	}
}

func TestPeersAllocateAsTheirUsersDo(t *testing.T) {
	got := withoutAllocator([]string{"HOME=/h", "LD_PRELOAD=/lib/libjemalloc.so.2", "MALLOC_CONF=narenas:1", "GLIBC_TUNABLES=x", "MALLOC_CONFIG=y"})
	if want := []string{"HOME=/h", "MALLOC_CONFIG=y"}; !slices.Equal(got, want) {
		t.Errorf("peers get %q, want %q", got, want)
	}
}
