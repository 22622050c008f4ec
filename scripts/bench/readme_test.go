package main

import (
	"os"
	"path/filepath"
	"testing"

	"seemore/pkg/backend"
)

// TestReadmeSaysWhatWasMeasured: its figures are those of the files that it names.
func TestReadmeSaysWhatWasMeasured(t *testing.T) {
	if err := readme(true); err != nil {
		t.Error(err)
	}
	root, err := backend.Checkout()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(block.FindAllString(string(content), -1)) == 0 {
		t.Error("README.md has no table that comes from a file")
	}
}

func TestTableFromAFile(t *testing.T) {
	root := t.TempDir()
	r := report{Versions: map[string]string{"torch": "2.15.0"}, Results: []comparison{
		{What: "step", Model: "seemoe", Peer: "torch", OursMS: 1589.4, PeerMS: 739.2, Ratio: 2.151, RatioMin: 2, RatioMax: 2.3,
			Limit: &limit{OursGFLOPS: 90, PeakGFLOPS: 180, Fraction: 0.5}},
		{What: "generate", Model: "seemoe", Peer: "torch"},
	}}
	if err := r.save(filepath.Join(root, "r.json")); err != nil {
		t.Fatal(err)
	}
	text := "before\n<!-- bench r.json step -->\nold\n<!-- end -->\nafter\n"
	want := `before
<!-- bench r.json step -->
| training step | ours | beside it | ratio (lowest to highest) | of the matrix-product peak |
| --- | --- | --- | --- | --- |
| seemoe | 1,589 ms | PyTorch 2.15.0 eager, 739 ms | 2.15 (2.00 to 2.30) | 90 of 180 GFLOP/s, 50 % |
<!-- end -->
after
`
	for range 2 { // a table that is right stays as it is
		got, err := withTables(text, root)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("got\n%s", got)
		}
		text = got
	}
	if _, err := withTables("<!-- bench none.json step -->\n<!-- end -->", root); err == nil {
		t.Error("a file that is not there is no error")
	}
}
