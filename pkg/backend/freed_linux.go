//go:build linux && cgo

package backend

/*
#cgo LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// give_back works for jemalloc, where it was preloaded, and for the GNU C library.
static void give_back(void) {
	int (*control)(const char *, void *, size_t *, void *, size_t) = dlsym(RTLD_DEFAULT, "mallctl");
	if (control != NULL) {
		control("arena.4096.purge", NULL, NULL, NULL, 0); // 4096 stands for all arenas
		return;
	}
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
*/
import "C"

import "runtime/debug"

// ReturnFreed gives the system back what Go and C have freed and kept for later: compiling a large model leaves
// hundreds of MiB, mostly in pieces that are too small for what is needed next.
func ReturnFreed() {
	debug.FreeOSMemory()
	C.give_back()
}
