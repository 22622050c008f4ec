//go:build modules

// Package modules keeps in go.mod what notebook cells may import although no package here does:
// nothing is fetched at run time.
package modules

import (
	_ "github.com/gomlx/gomlx/backends/default"
	_ "github.com/gomlx/gomlx/ml/dataset"
	_ "github.com/gomlx/gomlx/ml/layers/attention"
	_ "github.com/gomlx/gomlx/ui/commandline"
	_ "github.com/gomlx/gomlx/ui/gonb/plotly"
	_ "github.com/janpfeifer/gonb/gonbui/widgets"
	_ "github.com/janpfeifer/must"
)
