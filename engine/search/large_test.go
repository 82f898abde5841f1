package search_test

import (
	"runtime"
	"testing"

	"likeness/engine/kernel"
	"likeness/engine/search"
)

// TestHundredThousand looks at some of many vectors, and finds their true
// neighbours.
func TestHundredThousand(t *testing.T) {
	if kernel.Name() == "portable" || runtime.GOOS == "js" {
		t.Skip("slow there; the lists of smaller sets give the same bits everywhere")
	}
	const n, dim, k = 100000, 8, 5
	data := clouds(n, dim, 300, 0.4, 8)
	nb, err := search.Nearest(data, dim, k, search.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	hits, all := 0, 0
	for i := 0; i < n; i += n / 100 {
		index, _ := byRank(data[i*dim:][:dim], data, i, k)
		got, _ := nb.Of(i)
		for _, j := range index {
			all++
			for _, g := range got {
				if g == j {
					hits++
				}
			}
		}
	}
	if share := float64(hits) / float64(all); share < 0.97 {
		t.Errorf("%.3f of the neighbours found", share)
	}
}
