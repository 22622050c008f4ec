// Package show draws for notebooks: loss curves, bars, pictures, matrices. What it displays is saved in
// the notebook as a PNG too, so that a viewer that runs no scripts shows the same.
//
//	Curves, BarChart -> Figure -> drawable (gaps, logarithms, notes) -> plotly (interactive)
//	NewLive             ^                                             -> png    (gonum/plot)
//
//	Patches, CausalMask, Matrix, Attention, ContactSheet -> image.Image -> Picture
//
// Outside a notebook nothing is displayed; pictures and figures can still be made and saved.
package show
