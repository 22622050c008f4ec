// Command train fits a model to captioned pictures without a notebook.
//
//	go run ./scripts/train --data notebooks/data/inputs.csv --steps 100 --run runs/three
//
// Run again with more steps it continues. Progress goes to standard output; an error is one line on
// standard error and exit code 1.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/tracking"
	"seemore/pkg/training"
	"seemore/pkg/vlm"
)

func main() {
	err := run(os.Args[1:])
	if code, is := err.(interrupted); is {
		os.Exit(int(code)) // it was said already, and everything is saved
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "train:", oneLine(err))
		os.Exit(1)
	}
}

// interrupted is the exit code of a training that was interrupted, where one was asked for.
type interrupted int

func (interrupted) Error() string { return "interrupted" }

// settings are the command's flags.
type settings struct {
	data, model, folder, backend, alpha, size string
	mlflow                                    string
	steps, batch, repeat, checkpointEvery     int
	names, devices, interruptedCode           int
	recipe                                    string
	experts, topK                             int
	seed                                      int64
	learningRate, dropout, balancing, routerZ float64
	predictFirst, ownCharacters, kaiming      bool
	skipBad                                   bool
}

func run(arguments []string) error {
	var s settings
	flags := flag.NewFlagSet("train", flag.ExitOnError)
	flags.StringVar(&s.data, "data", "", "CSV file or folder of captioned pictures (required)")
	flags.StringVar(&s.model, "model", "seemore", "which model: seemore, or seemoe with a mixture of experts")
	flags.StringVar(&s.folder, "run", "", "run folder; one that exists is continued (required)")
	flags.StringVar(&s.recipe, "recipe", "", "a training that is meant for new pictures: learns (from nothing) or frozen (a ready-made image encoder); it decides sizes, rates and steps")
	flags.IntVar(&s.steps, "steps", 100, "the last step, counted from the run's beginning")
	flags.Int64Var(&s.seed, "seed", 0, "seed of weights, dropout and batches")
	flags.StringVar(&s.backend, "backend", "", "xla:cpu, xla:cuda or go; empty picks the fastest that works")
	flags.IntVar(&s.devices, "devices", 1, "divide each batch among so many GPUs, or devices of XLA on the CPU; the losses are those of one, and another number may continue a run")
	flags.StringVar(&s.size, "size", "full", "full (the originals' sizes) or tiny")
	flags.IntVar(&s.batch, "batch", 16, "captioned pictures in a batch")
	flags.IntVar(&s.names, "names", 0, "learn only so many of the captions, always the same ones; 0 learns all")
	flags.IntVar(&s.repeat, "repeat", 0, "repeat the data so often; 0 repeats it until it fills a batch (the originals repeat 30 times)")
	flags.Float64Var(&s.learningRate, "learning-rate", 1e-3, "Adam's learning rate")
	flags.Float64Var(&s.dropout, "dropout", 0.1, "probability that a value is dropped while training")
	flags.IntVar(&s.experts, "experts", 8, "experts of a mixture (seemoe)")
	flags.IntVar(&s.topK, "top-k", 2, "experts that each token uses (seemoe)")
	flags.Float64Var(&s.balancing, "balancing-loss", 0, "weight of the loss that evens the experts' load (seemoe); the originals have none")
	flags.Float64Var(&s.routerZ, "router-z-loss", 0, "weight of the loss that keeps the routers' scores small (seemoe); the originals have none")
	flags.BoolVar(&s.kaiming, "kaiming", true, "linear weights of seemoe start Kaiming normal, as in the original; without it, as those of seemore")
	flags.StringVar(&s.alpha, "alpha", string(captions.AlphaOverWhite), "transparent pixels: white (laid on white) or drop (the stored colour, as in the originals)")
	flags.BoolVar(&s.predictFirst, "predict-first", true, "learn the first character from the picture; the originals do not")
	flags.BoolVar(&s.ownCharacters, "own-characters", false, "make the vocabulary from the captions instead of the originals' 65 characters")
	flags.BoolVar(&s.skipBad, "skip-bad", false, "leave out pictures and captions that cannot be used, and say which, instead of refusing the data")
	flags.IntVar(&s.checkpointEvery, "checkpoint-every", 100, "steps between two checkpoints")
	flags.IntVar(&s.interruptedCode, "interrupted-code", 0, "exit code of a training that was interrupted and saved, for a scheduler that shall start it again")
	flags.StringVar(&s.mlflow, "mlflow", "", "log parameters, metrics, the curve and captions to this MLflow server; off by default")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if s.data == "" || s.folder == "" {
		return fmt.Errorf("--data and --run are required")
	}
	if s.recipe != "" {
		if err := s.follow(flags); err != nil {
			return err
		}
	}
	for _, number := range []struct {
		name         string
		value, least int
	}{{"steps", s.steps, 1}, {"repeat", s.repeat, 0}, {"names", s.names, 0}, {"devices", s.devices, 1}, {"checkpoint-every", s.checkpointEvery, 1}} {
		if number.value < number.least {
			return fmt.Errorf("--%s is %d: at least %d", number.name, number.value, number.least)
		}
	}
	if s.interruptedCode < 0 || s.interruptedCode > 125 {
		return fmt.Errorf("--interrupted-code is %d: from 0 to 125", s.interruptedCode)
	}
	return s.train()
}

// maxRows is how many captioned pictures there may be when the data is repeated.
const maxRows = 1 << 24

// follow takes the steps from the recipe, and refuses flags that the recipe decides.
func (s *settings) follow(flags *flag.FlagSet) error {
	_, steps, err := training.Recipe(s.recipe)
	if err != nil {
		return err
	}
	free := []string{"data", "run", "recipe", "steps", "seed", "names", "backend", "devices", "alpha", "skip-bad", "checkpoint-every", "interrupted-code", "mlflow"}
	stepsGiven := false
	flags.Visit(func(f *flag.Flag) {
		stepsGiven = stepsGiven || f.Name == "steps"
		if !slices.Contains(free, f.Name) && err == nil {
			err = fmt.Errorf("--%s: the recipe %s decides that itself", f.Name, s.recipe)
		}
	})
	if !stepsGiven {
		s.steps = steps
	}
	s.ownCharacters = true
	return err
}

// train reads the data, fits the configuration to it and trains.
func (s settings) train() error {
	all, err := s.read()
	if err != nil {
		return err
	}
	learned := all
	if splits := all.Splits(); len(splits) > 0 {
		if learned = all.Split("train"); learned.Len() == 0 {
			return fmt.Errorf("%s has the splits %s: one named train is expected", s.data, strings.Join(splits, ", "))
		}
	}
	summary, err := all.Summary()
	if err != nil {
		return err
	}
	fmt.Print(summary)
	config, err := s.config(all, learned)
	if err != nil {
		return err
	}
	if err := config.Validate(); err != nil {
		return err
	}
	repeat := s.repeat
	if repeat == 0 {
		repeat = (config.BatchSize + learned.Len() - 1) / learned.Len()
	}
	if repeat > maxRows/learned.Len() {
		return fmt.Errorf("--repeat is %d: at most %d for %d captioned pictures", repeat, maxRows/learned.Len(), learned.Len())
	}
	opened, choice, err := backend.Open(s.backend)
	if err != nil {
		return err
	}
	if err := training.ValidateDevices(s.devices, opened, config.BatchSize); err != nil {
		return err
	}
	encoded, err := config.Encode(learned.Repeat(repeat), opened)
	if err != nil {
		return err
	}
	evaluations, err := s.evaluations(all, config, opened)
	if err != nil {
		return err
	}
	fmt.Println(choice)
	trained, err := training.Train(training.Options{
		Folder: s.folder, Config: config, Backend: opened, Train: encoded, Steps: s.steps,
		Evaluations: evaluations, CheckpointEvery: s.checkpointEvery, Devices: s.devices,
		Tracker: tracking.Start(s.mlflow, s.model, filepath.Base(s.folder)),
	})
	if err != nil {
		return err
	}
	fmt.Printf("%s: step %d, %d parameters\n", s.folder, trained.Step, vlm.NumParameters(trained.Store))
	if trained.Interrupted && s.interruptedCode > 0 {
		return interrupted(s.interruptedCode)
	}
	return nil
}

// read opens the data and checks the captions; with --skip-bad it leaves out what cannot be used.
func (s settings) read() (*captions.Set, error) {
	config, err := s.start()
	if err != nil {
		return nil, err
	}
	var options []captions.Option
	if s.skipBad {
		options = append(options, captions.SkipBad)
	}
	all, err := captions.Open(s.data, options...)
	if err != nil {
		return nil, err
	}
	all = all.WithCaptions(s.names)
	vocabulary, longest := captions.OriginalVocabulary(), config.Model.Decoder.MaxTextLength()
	if s.ownCharacters {
		vocabulary = nil
	}
	if !s.skipBad {
		return all, all.Fits(vocabulary, longest)
	}
	if all = all.Fitting(vocabulary, longest); all.Len() == 0 {
		return nil, fmt.Errorf("%s: no caption can be used; the first one: %s", s.data, all.Skipped[0])
	}
	return all, nil
}

// config is the run's configuration from flags and data.
func (s settings) config(all, learned *captions.Set) (training.Config, error) {
	config, err := s.start()
	if err != nil {
		return config, err
	}
	if s.recipe != "" {
		config.Seed = s.seed
		return s.fit(config, all, learned)
	}
	if s.model == "seemoe" {
		config.Model, config.Kaiming = config.Model.WithExperts(s.experts, s.topK), s.kaiming
		config.BalancingLoss, config.RouterZLoss = s.balancing, s.routerZ
	}
	config.Variant, config.Seed, config.PredictFirst = s.model, s.seed, s.predictFirst
	config.BatchSize, config.LearningRate = s.batch, s.learningRate
	config.Model.Vision.Dropout, config.Model.Decoder.Dropout = s.dropout, s.dropout
	return s.fit(config, all, learned)
}

// start is the configuration of the recipe or of the size.
func (s settings) start() (config training.Config, err error) {
	if s.recipe != "" {
		config, _, err = training.Recipe(s.recipe)
		return config, err
	}
	return training.Preset(s.size)
}

// fit completes a configuration by what the data decides.
func (s settings) fit(config training.Config, all, learned *captions.Set) (training.Config, error) {
	switch config.Data.Alpha = captions.AlphaRule(s.alpha); config.Data.Alpha {
	case captions.AlphaOverWhite, captions.AlphaDrop:
	default:
		return config, fmt.Errorf("--alpha is %q: white or drop", s.alpha)
	}
	if s.ownCharacters {
		vocabulary, err := captions.VocabularyOf(all.Captions())
		if err != nil {
			return config, err
		}
		config.Data.Characters, config.Model.Decoder.VocabSize = vocabulary.Characters(), vocabulary.Size()
	}
	config = config.For(s.data, learned)
	config.Data.Names = s.names
	config.Data.TextLength = captions.LongestCaption(all)
	return config, nil
}

// evaluations measure the loss of every split but train ten times.
func (s settings) evaluations(all *captions.Set, config training.Config, opened compute.Backend) ([]training.Evaluation, error) {
	var evaluations []training.Evaluation
	for _, name := range all.Splits() {
		if name == "train" {
			continue
		}
		encoded, err := config.Encode(all.Split(name), opened)
		if err != nil {
			return nil, err
		}
		evaluations = append(evaluations, training.Evaluation{
			Name: name, Dataset: encoded.Sequential(name, config.BatchSize), Every: max(1, s.steps/10),
		})
	}
	return evaluations, nil
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
