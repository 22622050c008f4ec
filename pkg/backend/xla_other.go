//go:build !((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) || noxla

package backend

import (
	"errors"

	"github.com/gomlx/compute"
)

func newWithDevices(string, int) (compute.Backend, error) {
	return nil, errors.New("built without XLA")
}
