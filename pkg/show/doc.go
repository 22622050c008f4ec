// Package show draws for notebooks: loss curves, pictures, matrices. What it displays is saved in the
// notebook as a PNG too, so that a viewer that runs no scripts shows the same.
//
// Outside a notebook nothing is displayed; pictures and figures can still be made and saved.
package show
