package efficientnet

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"seemore/pkg/weights"
)

// FuzzParsePTH wants of any bytes an error of one line, or tensors whose numbers are as many as their shapes say; and
// memory in proportion to the bytes.
func FuzzParsePTH(f *testing.F) {
	for _, name := range []string{"testdata/small.pth", "testdata/newer_form.pth"} {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
		f.Add(content[:len(content)/2])
	}
	f.Add([]byte("\x80\x02K\x01."))
	f.Fuzz(func(t *testing.T, content []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		tensors, err := ParsePTH(content)
		runtime.ReadMemStats(&after)
		if used, most := after.TotalAlloc-before.TotalAlloc, uint64(200*len(content)+2<<20); used > most {
			t.Errorf("%d bytes allocated for a file of %d", used, len(content))
		}
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		if err := weights.Write(t.TempDir()+"/file", weights.File{Tensors: tensors}); err != nil {
			t.Errorf("tensors that cannot be written: %v", err)
		}
	})
}
