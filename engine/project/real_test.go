package project_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"likeness/engine/project"
	"likeness/engine/vectors"
)

var (
	realVectors = flag.String("vectors", "", "an .npy file of real vectors to measure maps of")
	realCount   = flag.Int("count", 5000, "how many of them")
	realDims    = flag.Int("dims", 2, "2 or 3")
	realMethod  = flag.String("method", "", "UMAP or t-SNE, otherwise both")
	realStep    = flag.Int("step", 1, "measure every step-th; 0: do not")
)

// TestReal times maps and measures them with -args -vectors FILE.npy, from the
// vectors to the finished map.
func TestReal(t *testing.T) {
	if *realVectors == "" {
		t.Skip("no -vectors")
	}
	file, err := os.ReadFile(*realVectors)
	if err != nil {
		t.Fatal(err)
	}
	data, n, dim, err := vectors.ReadNPY(file)
	if err != nil {
		t.Fatal(err)
	}
	n = min(n, *realCount)
	data = data[:n*dim]
	for _, method := range []string{"UMAP", "t-SNE"} {
		if *realMethod != "" && *realMethod != method {
			continue
		}
		start := time.Now()
		places := startOf(t, data, dim, *realDims)
		began := time.Since(start)
		neighbours := 15
		if method == "t-SNE" {
			neighbours = project.TSNENeighbours(0)
		}
		nb := nearest(t, data, dim, neighbours)
		found := time.Since(start)
		m, err := methods[method](nb, *realDims, 0, 1, places, nil)
		if err != nil {
			t.Fatal(err)
		}
		prepared := time.Since(start)
		for m.Step(10) {
		}
		took := time.Since(start)
		t.Logf("%s in %d dimensions: %.2f s; start %.2f, neighbours %.2f, graph %.2f, steps %.2f", method, *realDims,
			took.Seconds(), began.Seconds(), (found - began).Seconds(), (prepared - found).Seconds(), (took - prepared).Seconds())
		if *realStep == 0 {
			continue
		}
		f, err := project.Measure(data, dim, m.Coords(), *realDims, 10, *realStep, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("trustworthiness@10 %.4f, ten nearest kept %.3f", f.Trustworthiness, f.Kept)
	}
}
