//go:build !linux || !cgo

package backend

import "runtime/debug"

// ReturnFreed gives the system back what Go has freed and kept for later.
func ReturnFreed() { debug.FreeOSMemory() }
