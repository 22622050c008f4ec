//go:build linux

package backend

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// residentMiB is this process's memory.
func residentMiB(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() >> 20
}

func TestReturnFreedGivesMemoryBack(t *testing.T) {
	const size = 256 // MiB
	used := make([]byte, size<<20)
	for i := 0; i < len(used); i += os.Getpagesize() {
		used[i] = 1
	}
	before := residentMiB(t)
	if used[0] != 1 {
		t.Fatal("not written")
	}
	ReturnFreed()
	if after := residentMiB(t); before-after < size/2 {
		t.Errorf("%d MiB before, %d after %d were freed", before, after, size)
	}
}
