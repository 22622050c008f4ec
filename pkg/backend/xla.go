//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla

package backend

import (
	"strings"

	"github.com/gomlx/compute"
	// XLA without its automatic installer: nothing is fetched at run time.
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

// newWithDevices opens XLA's CPU plugin, "xla:" and its file, with so many devices.
func newWithDevices(config string, devices int) (compute.Backend, error) {
	return xla.NewWithOptions(strings.TrimPrefix(config, "xla:"), pjrt.NamedValuesMap{"cpu_device_count": int64(devices)})
}
