//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla

package backend

// XLA without its automatic installer: nothing is fetched at run time.
import _ "github.com/gomlx/go-xla/compute/xla"
