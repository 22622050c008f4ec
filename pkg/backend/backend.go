// Package backend picks the machine that computes: an NVIDIA GPU, XLA on the CPU, or pure Go.
package backend

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // the pure-Go backend
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
	"k8s.io/klog/v2"
)

// PureGo is the backend that needs no plugin. It runs one operation after the other: with parallel
// operations its worker pool can wait for itself for ever.
const PureGo = "go:ops_sequential"

// Choice is a backend and the reason why it was picked.
type Choice struct {
	Name   string // GoMLX's configuration, "xla:cpu" for example
	Reason string
}

// String is one line for the user: which backend, and why.
func (c Choice) String() string { return fmt.Sprintf("backend %s (%s)", c.Name, c.Reason) }

// Open opens the named backend: "go", "xla:cpu", "xla:cuda", or anything that GoMLX's own
// configuration understands. CUDA multiplies in full float32, as the other backends do, unless the
// name says "xla:cuda,tf32=true". XLA's CPU plugin shows four devices, "xla:cpu,devices=8" eight. An empty name means GOMLX_BACKEND if that is set, else the first of
// these that works: CUDA with a GPU that runs a graph, XLA on the CPU, pure Go.
func Open(name string) (compute.Backend, Choice, error) {
	reason := "asked for"
	if name == "" {
		name, reason = os.Getenv(compute.ConfigEnvVar), "GOMLX_BACKEND"
	}
	if name != "" {
		backend, err := openNamed(name)
		if err != nil {
			return nil, Choice{}, fmt.Errorf("backend %q (%s) does not open: %s", name, reason, firstLine(err))
		}
		return backend, Choice{name, reason}, nil
	}
	return openFirst()
}

// MustOpen is Open for main functions and notebook cells: it prints the choice once and panics on
// an error.
func MustOpen(name string) compute.Backend {
	backend, choice, err := Open(name)
	if err != nil {
		panic(err)
	}
	fmt.Println(choice)
	return backend
}

// openFirst tries the backends in order of speed and tells why the faster ones were passed over.
func openFirst() (compute.Backend, Choice, error) {
	var passedOver []string
	for _, name := range []string{cuda, "xla:cpu"} {
		if name == cuda && !hasGPU() {
			passedOver = append(passedOver, "no NVIDIA GPU")
			continue
		}
		backend, err := openNamed(name)
		if err != nil {
			passedOver = append(passedOver, fmt.Sprintf("%s: %s", name, firstLine(err)))
			continue
		}
		return backend, Choice{name, strings.Join(append(passedOver, "plugin works"), "; ")}, nil
	}
	backend, err := openNamed(PureGo)
	return backend, Choice{PureGo, strings.Join(append(passedOver, "pure Go always works"), "; ")}, err
}

// openNamed opens one backend and proves that it computes.
func openNamed(name string) (backend compute.Backend, err error) {
	if name == "go" {
		name = PureGo
	}
	name, devices, err := cutDevices(name)
	if err != nil {
		return nil, err
	}
	config := withPluginPath(prepareCUDA(name))
	if err := checkPlugin(config); err != nil {
		return nil, err
	}
	klog.LogToStderr(false) // the error says what go-xla would also log
	klog.SetOutput(io.Discard)
	// NewWithConfig panics for a name that nobody registered.
	caught := exceptions.TryCatch[error](func() {
		if devices > 0 {
			backend, err = newWithDevices(config, devices)
			return
		}
		backend, err = compute.NewWithConfig(config)
	})
	klog.LogToStderr(true)
	if err = errors.Join(caught, err); err != nil {
		return nil, err
	}
	result, err := graph.CallOnce(backend, func(x *graph.Node) *graph.Node { return graph.Add(x, x) }, float32(1))
	if err != nil {
		backend.Finalize()
		return nil, fmt.Errorf("1+1 fails: %w", err)
	}
	if got := result.Value(); got != float32(2) {
		backend.Finalize()
		return nil, fmt.Errorf("1+1 gives %v", got)
	}
	return backend, nil
}

// maxDevices is how many devices a CPU may be taken for: none computes faster than it does.
const maxDevices = 64

// cutDevices takes devices=N out of the name of XLA's CPU backend; 0 is what the plugin does by itself.
func cutDevices(name string) (rest string, devices int, err error) {
	options := strings.Split(name, ",")
	if options[0] != "xla:cpu" {
		return name, 0, nil
	}
	options = slices.DeleteFunc(options, func(option string) bool {
		number, found := strings.CutPrefix(option, "devices=")
		if !found {
			return false
		}
		if devices, err = strconv.Atoi(number); err != nil || devices < 1 || devices > maxDevices {
			err = fmt.Errorf("%s: a number from 1 to %d expected", option, maxDevices)
		}
		return true
	})
	return strings.Join(options, ","), devices, err
}

// withPluginPath replaces the plugin's name by its file, so that an error names it: in the folders of
// PJRT_PLUGIN_LIBRARY_PATH, or else where scripts/setup.sh installed it in the checkout, which then needs no
// environment variable.
func withPluginPath(name string) string {
	platform, options, _ := strings.Cut(strings.TrimPrefix(name, "xla:"), ",")
	if !strings.HasPrefix(name, "xla:") {
		return name
	}
	folders := filepath.SplitList(os.Getenv("PJRT_PLUGIN_LIBRARY_PATH"))
	if root, err := Checkout(); err == nil && len(folders) == 0 {
		folders = []string{filepath.Join(root, ".venv", "lib", "pjrt", map[string]string{"cpu": "", "cuda": "cuda"}[platform])}
	}
	for _, folder := range folders {
		plugin := filepath.Join(folder, "pjrt_c_api_"+platform+"_plugin.so")
		if _, err := os.Stat(plugin); err != nil || !filepath.IsAbs(plugin) {
			continue
		}
		if options != "" {
			plugin += "," + options
		}
		return "xla:" + plugin
	}
	return name
}

// Checkout is the folder of seemore's go.mod: SEEMORE_ROOT if that is set, as in a notebook, else
// found from the working directory upwards.
func Checkout() (string, error) {
	if root := os.Getenv("SEEMORE_ROOT"); root != "" {
		return root, nil
	}
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		content, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && strings.HasPrefix(string(content), "module seemore\n") {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("no go.mod of seemore in the working directory or above")
		}
		folder = parent
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	line, _, _ = strings.Cut(line, " -- ") // advice on go-xla's own set-up, which does not apply here
	return line
}
