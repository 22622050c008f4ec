// Command caption writes a caption for each picture with a trained run: one line with the file's
// name, a tab and the caption.
//
//	go run ./scripts/caption --run runs/three picture.png
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"seemore/pkg/backend"
	"seemore/pkg/captions"
	"seemore/pkg/training"
	"seemore/pkg/vlm"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "caption:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run(arguments []string) error {
	flags := flag.NewFlagSet("caption", flag.ExitOnError)
	folder := flags.String("run", "", "run folder (required)")
	temperature := flags.Float64("temperature", 0, "0 takes the most probable character; more takes more risk")
	topK := flags.Int("top-k", 0, "only so many of the most probable characters may be chosen; 0 allows all")
	seed := flags.Uint64("seed", 0, "seed of the random choice")
	prompt := flags.String("prompt", "", "what every caption begins with")
	name := flags.String("backend", "", "xla:cpu, xla:cuda or go; empty picks the fastest that works")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *folder == "" || flags.NArg() == 0 {
		return fmt.Errorf("--run and at least one picture are required")
	}
	if *temperature < 0 {
		return fmt.Errorf("--temperature is %v: at least 0", *temperature)
	}
	if *topK < 0 {
		return fmt.Errorf("--top-k is %d: at least 0", *topK)
	}
	config, err := training.ReadConfig(*folder)
	if err != nil {
		return err
	}
	encoding, err := config.Encoding()
	if err != nil {
		return err
	}
	images, err := pixels(flags.Args(), encoding.Image)
	if err != nil {
		return err
	}
	begin, err := encoding.Vocabulary.Encode(*prompt)
	if err != nil {
		return err
	}
	if len(begin) == 0 && !config.PredictFirst {
		return fmt.Errorf("%s never learned how a caption begins (predict_first is false): give --prompt", *folder)
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
	written, err := trained.Caption(images, vlm.Sampling{Temperature: *temperature, TopK: *topK, Seed: *seed, Prompt: begin})
	if err != nil {
		return err
	}
	for i, caption := range written {
		fmt.Printf("%s\t%s\n", flags.Arg(i), caption)
	}
	return nil
}

// pixels reads the pictures as the run read its own.
func pixels(paths []string, options captions.ImageOptions) ([][]float32, error) {
	images := make([][]float32, len(paths))
	for i, path := range paths {
		var err error
		if images[i], err = captions.ReadPicture(path, options); err != nil {
			return nil, err
		}
	}
	return images, nil
}
