// Command evaluate says how well a run captions pictures that it was not trained on, beside what
// copying the caption of the most similar training picture earns.
//
//	go run ./scripts/evaluate --run runs/mine --split new_drawing
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/training"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "evaluate:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(arguments []string) error {
	flags := flag.NewFlagSet("evaluate", flag.ExitOnError)
	folder := flags.String("run", "", "run folder (required)")
	data := flags.String("data", "", "CSV file or folder of captioned pictures; empty takes what the run was trained on")
	split := flags.String("split", "", "which part of the data: new_drawing, for example (required)")
	skipBad := flags.Bool("skip-bad", false, "leave out pictures and captions that cannot be used, as the training did with the same flag")
	asJSON := flags.Bool("json", false, "end with the scores as one line of JSON")
	name := flags.String("backend", "", "xla:cpu, xla:cuda or go; empty picks the fastest that works")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *folder == "" || *split == "" {
		return fmt.Errorf("--run and --split are required")
	}
	config, err := training.ReadConfig(*folder)
	if err != nil {
		return err
	}
	if *data == "" {
		*data = config.Data.Path
	}
	learned, part, err := parts(*data, config, *split, *skipBad)
	if err != nil {
		return err
	}
	opened, choice, err := backend.Open(*name)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, choice)
	trained, err := training.Open(*folder, nil, opened)
	if err != nil {
		return err
	}
	report, err := trained.Evaluate(learned, part)
	if err != nil {
		return err
	}
	printTable(*split, part.Len(), report)
	if *asJSON {
		return printJSON(*split, part.Len(), report)
	}
	return nil
}

// parts are the pictures that the run learned from and those of a split.
func parts(data string, config training.Config, split string, skipBad bool) (learned, part *captions.Set, err error) {
	var options []captions.Option
	if skipBad {
		options = append(options, captions.SkipBad)
	}
	all, err := captions.Open(data, options...)
	if err != nil {
		return nil, nil, err
	}
	splits := all.Splits()
	if !slices.Contains(splits, split) {
		return nil, nil, fmt.Errorf("%s has no split %q: it has %s", data, split, orNone(splits))
	}
	if split == "train" {
		return nil, nil, fmt.Errorf("the run was trained on train: score another split, one of %s", strings.Join(splits, ", "))
	}
	names := config.Data.Names
	chosen := all.WithCaptions(names)
	if skipBad {
		encoding, err := config.Encoding()
		if err != nil {
			return nil, nil, err
		}
		chosen = chosen.Fitting(encoding.Vocabulary, encoding.Length)
		for _, skipped := range chosen.Skipped {
			fmt.Fprintln(os.Stderr, "left out:", skipped)
		}
	}
	if part = chosen.Split(split); part.Len() == 0 {
		return nil, nil, fmt.Errorf("the run learned %d names, and %s has none of them in %s", names, data, split)
	}
	if learned = chosen.Split("train"); learned.Len() == 0 {
		return nil, nil, fmt.Errorf("%s has the splits %s: one named train is expected", data, strings.Join(splits, ", "))
	}
	return learned, part, nil
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "no splits"
	}
	return strings.Join(names, ", ")
}

func printTable(split string, n int, report training.Report) {
	fmt.Printf("%d pictures of %s\n", n, split)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\texact\tCER\tchrF")
	row := func(name string, scores captions.Scores) {
		fmt.Fprintf(table, "%s\t%.3f\t%.3f\t%.1f\n", name, scores.Exact, scores.CER, scores.ChrF)
	}
	row("the run", report.Scores)
	row("nearest training picture", report.Nearest)
	if report.NearestByFeatures != nil {
		row("nearest by the encoder's features", *report.NearestByFeatures)
	}
	table.Flush()
	losses := report.Losses
	fmt.Printf("loss with its own picture %.3f, with another's %.3f, with a blank one %.3f\n", losses.Right, losses.Shuffled, losses.Blank)
}

func printJSON(split string, n int, report training.Report) error {
	return json.NewEncoder(os.Stdout).Encode(struct {
		Split        string  `json:"split"`
		N            int     `json:"n"`
		Exact        float64 `json:"exact"`
		CER          float64 `json:"cer"`
		ChrF         float64 `json:"chrf"`
		NearestExact float64 `json:"nearest_exact"`
		NearestChrF  float64 `json:"nearest_chrf"`
	}{split, n, report.Scores.Exact, report.Scores.CER, report.Scores.ChrF, report.Nearest.Exact, report.Nearest.ChrF})
}
