// Package tracking logs a training to an MLflow server: parameters, metrics and files.
//
//	AddPoint -> buffer \
//	Parameters, Artifact -> one goroutine -> the server's REST API
//
// A server that is away, slow or broken never stops or slows a training: one line on standard error says
// so, and everything else does nothing.
package tracking
