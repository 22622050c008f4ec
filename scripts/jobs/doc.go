// Package jobs has no code: beside it are example jobs that run many trainings side by side on a cluster, and tests of
// them.
package jobs
