// Package training fits a model to captioned pictures and keeps what happened in a run folder:
//
//	runs/<name>/config.json                 what was trained, on what (see Config)
//	runs/<name>/training_plot_points.json   every loss, one ui/plot.Point a line, appended as it happens
//	runs/<name>/checkpoints/step-00000100/  GoMLX's checkpoint files: weights, optimizer, random state
//
// Read run.go for the loop, then adam.go for the update, checkpoint.go for how a run is resumed.
package training
