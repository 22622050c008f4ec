//go:build ((linux && (amd64 || arm64)) || (darwin && arm64)) && !noxla

package backend

/*
#cgo linux LDFLAGS: -ldl
#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>

// The first fields of PJRT_Api, which are the same in all versions of XLA's plugin interface.
struct plugin_interface {
	size_t size;
	void *extensions;
	struct { size_t size; void *extensions; int major, minor; } version;
};

static const struct plugin_interface *load(const char *path) {
	void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	void *get = library ? dlsym(library, "GetPjrtApi") : NULL;
	return get ? ((const struct plugin_interface *(*)(void))get)() : NULL;
}
*/
import "C"

import (
	"fmt"
	"strings"
	"unsafe"
)

// pluginMajor is the version of XLA's plugin interface (PJRT) that go-xla speaks; minor versions
// get along with each other.
const pluginMajor = 0

// checkPlugin refuses an XLA plugin, "xla:/its/file.so", of another version of the interface: go-xla does not look, and
// the process would crash in it. What is no plugin at all is left to go-xla, which says so.
func checkPlugin(config string) error {
	path, _, _ := strings.Cut(strings.TrimPrefix(config, "xla:"), ",")
	if !strings.HasPrefix(config, "xla:/") {
		return nil
	}
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	plugin := C.load(name)
	if plugin == nil || plugin.version.major == pluginMajor {
		return nil
	}
	return fmt.Errorf("%s speaks version %d.%d of XLA's plugin interface, expected %d.x: run scripts/setup.sh",
		path, plugin.version.major, plugin.version.minor, pluginMajor)
}
