package efficientnet

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"seemore/pkg/backend"
)

func TestZZ(t *testing.T) {
	opened, choice, err := backend.Open(os.Getenv("ZZ"))
	if err != nil {
		t.Fatal(err)
	}
	e := trained(t, opened)
	for _, r := range []int{96, 224} {
		if s := os.Getenv("ZR"); s != "" {
			r, _ = strconv.Atoi(s)
		}
		e.Resolution = r
		images := make([][]float32, 64)
		for i := range images {
			images[i] = make([]float32, 96*96*3)
		}
		start := time.Now()
		e.Features(images[:1], 96)
		first := time.Since(start)
		start = time.Now()
		e.Features(images, 96)
		fmt.Println(choice.Name, r, "first", first, "per picture", time.Since(start)/64)
	}
}
