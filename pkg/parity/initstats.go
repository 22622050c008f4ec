package parity

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"seemore/pkg/vlm"
	"seemore/pkg/weights"
)

// statsRow is a row of a statistics file: a parameter of one layer, its heads or experts pooled.
type statsRow struct {
	name, module string
	shape        []int
	pooled       int
	mean, std    float64
}

// runInitStats draws initial weights of both models and of single layers, and compares their
// standard deviations with the rules that the originals' follow.
func (c *testCase) runInitStats(opened compute.Backend) error {
	var config struct {
		Models map[string]struct {
			SourceFile string `json:"source_file"`
			Class      string
			Ctor       ctor
			Parameters int    `json:"parameter_count"`
			StatsFile  string `json:"stats_file"`
		}
		Single struct{ Rows [][]json.RawMessage } `json:"single_modules"`
	}
	if err := c.decode(&config); err != nil {
		return err
	}
	for _, name := range sortedKeys(config.Models) {
		m := config.Models[name]
		class, err := newClass(caseConfig{SourceFile: m.SourceFile, Class: m.Class, Ctor: m.Ctor})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		rows, err := c.statsRows(m.StatsFile)
		if err != nil {
			return err
		}
		store, err := initialised(opened, m.Ctor, 0)
		if err != nil {
			return err
		}
		c.record(name+" parameter_count", float64(vlm.NumParameters(store)-m.Parameters), 0)
		parameters, err := weights.Take(store.RootScope(), class.pieces)
		if err != nil {
			return err
		}
		if err := c.compareStats(name, rows, pool(class.pieces, parameters), m.SourceFile == "seeMoE.py"); err != nil {
			return fmt.Errorf("%s: %w", m.StatsFile, err)
		}
	}
	return c.compareSingle(opened, config.Single.Rows)
}

// statsRows reads a statistics file.
func (c *testCase) statsRows(file string) ([]statsRow, error) {
	var lines [][]json.RawMessage
	if err := c.readJSON(file, &lines); err != nil {
		return nil, err
	}
	rows := make([]statsRow, len(lines))
	for i, line := range lines {
		r := &rows[i]
		columns := []any{&r.name, &r.module, &r.shape, &r.pooled, &r.mean, &r.std}
		if len(line) < len(columns) {
			return nil, fmt.Errorf("%s row %d has %d columns: at least %d expected", file, i, len(line), len(columns))
		}
		for column, into := range columns {
			if err := json.Unmarshal(line[column], into); err != nil {
				return nil, fmt.Errorf("%s row %d column %d: %w", file, i, column, err)
			}
		}
	}
	return rows, nil
}

// initialised is a store with the initial weights of a model. The model's graph is built, which makes
// the variables, but not compiled.
func initialised(opened compute.Backend, c ctor, seed int64) (*model.Store, error) {
	store, m := model.NewStore(), c.variant()
	if err := store.SetRNGStateFromSeed(seed); err != nil {
		return nil, err
	}
	store.SetParam(vlm.ParamKaiming, c.NumExperts > 0)
	g := NewGraph(opened, "initialised")
	defer g.Finalize()
	image := Zeros(g, shapes.Make(dtypes.Float32, 1, c.ImgSize, c.ImgSize, 3))
	m.Forward(store.RootScope(), image, Zeros(g, shapes.Make(dtypes.Int32, 1, 1)))
	return store, store.InitializeVariables(opened, nil)
}

// pooled are the numbers of one parameter of all heads or experts of a layer.
type pooled struct {
	count  int
	shape  []int
	values []float32
}

var numbered = regexp.MustCompile(`\b(heads|experts)\.\d+\.`)

// pool brings the heads and the experts of a layer together, under names with a star.
func pool(pieces []weights.Piece, parameters map[string]weights.Tensor) map[string]*pooled {
	pools := map[string]*pooled{}
	for _, piece := range pieces {
		name := numbered.ReplaceAllString(piece.Name, "$1.*.")
		if pools[name] == nil {
			pools[name] = &pooled{shape: piece.Shape}
		}
		pools[name].count++
		pools[name].values = append(pools[name].values, parameters[piece.Name].Floats()...)
	}
	return pools
}

// compareStats compares every parameter of a model with its rule.
func (c *testCase) compareStats(model string, rows []statsRow, ours map[string]*pooled, kaiming bool) error {
	shapeOf := map[string][]int{}
	for _, row := range rows {
		shapeOf[row.name] = row.shape
	}
	if len(rows) != len(ours) || len(shapeOf) != len(rows) {
		return fmt.Errorf("%d parameters, %d of different names: the model has %d", len(rows), len(shapeOf), len(ours))
	}
	for _, row := range rows {
		p := ours[row.name]
		if p == nil || !slices.Equal(p.shape, row.shape) || p.count != row.pooled {
			return fmt.Errorf("%s of shape %v, %d pooled, is not part of the model", row.name, row.shape, row.pooled)
		}
		rule, err := ruleFor(row.module, row.name, shapeOf, kaiming)
		if err != nil {
			return err
		}
		if most := tolerance(len(p.values)); rule.error(row.mean, row.std) > most {
			return fmt.Errorf("%s has mean %v and std %v: its rule says %v", row.name, row.mean, row.std, rule)
		}
		c.compareRule(model+" "+row.name, rule, p.values)
	}
	return nil
}
