package training

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/ui/plot"
)

// routingEvery is how many steps lie between two records of what the routers did.
const routingEvery = 10

// routingPoints are the points of the metric file about the routers of a step: for every router, in
// the order of the layers, the entropy of its load and the share of the tokens that each expert got.
func routingPoints(step int, loads [][]float64) []plot.Point {
	var points []plot.Point
	for router, load := range loads {
		points = append(points, plot.Point{
			MetricName: fmt.Sprintf("load entropy, block %d", router), Short: "entropy", MetricType: "entropy",
			Step: float64(step), Value: Entropy(load),
		})
	}
	for router, load := range loads {
		for expert, tokens := range load {
			points = append(points, plot.Point{
				MetricName: fmt.Sprintf("load, block %d, expert %d", router, expert), Short: "load", MetricType: "tokens",
				Step: float64(step), Value: tokens,
			})
		}
	}
	return points
}

// Entropy is that of a load, in nats: ln(experts) for an even one, 0 if one expert gets everything.
func Entropy(load []float64) float64 {
	total, entropy := 0.0, 0.0
	for _, tokens := range load {
		total += tokens
	}
	for _, tokens := range load {
		if share := tokens / total; share > 0 {
			entropy -= share * math.Log(share)
		}
	}
	return entropy
}
