package show

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ui/plot"
)

// FuzzLoadRun wants of any metric file an error of one line, or points that are the same when they are written and read
// again, and a curve or an error from them.
func FuzzLoadRun(f *testing.F) {
	f.Add([]byte(`{"MetricName":"train loss","Short":"train","MetricType":"loss","Step":0,"Value":4.2}` + "\n" + `{"MetricName":"tr`))
	f.Add([]byte("\n\n[]\n{}\n"))
	f.Add([]byte(`{"MetricName":"x","Step":1e300,"Value":-1e300}` + "\r\n" + `{"Step":"a"}` + "\n"))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		read := func(content []byte) (Run, error) {
			if err := os.WriteFile(filepath.Join(folder, plot.TrainingPlotFileName), content, 0o644); err != nil {
				t.Fatal(err)
			}
			return LoadRun("run", folder)
		}
		run, err := read(content)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		var again []byte
		for _, point := range run.Points {
			line, err := json.Marshal(point)
			if err != nil {
				t.Fatal(err)
			}
			again = append(append(again, line...), '\n')
		}
		if back, err := read(again); err != nil || !reflect.DeepEqual(back.Points, run.Points) {
			t.Errorf("read %v, written and read back %v, error %v", run.Points, back.Points, err)
		}
	})
}
