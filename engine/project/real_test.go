package project_test

import (
	"flag"
	"os"
	"testing"
	"time"

	"likeness/engine/project"
	"likeness/engine/search"
	"likeness/engine/vectors"
)

var (
	realVectors = flag.String("vectors", "", "an .npy file of real vectors to measure maps of")
	realCount   = flag.Int("count", 5000, "how many of them")
	realStep    = flag.Int("step", 1, "measure every step-th; 0: do not")
)

// TestReal times maps and measures them with -args -vectors FILE.npy.
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
	for _, dims := range []int{2, 3} {
		start := time.Now()
		places, err := project.Start(data, n, dim, dims)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Since(start)
		measure(t, "Start", began, data, dim, places, dims)
		nb, err := search.Nearest(data, dim, 15, search.Options{})
		if err != nil {
			t.Fatal(err)
		}
		found := time.Since(start)
		u, err := project.NewUMAP(nb, dims, project.UMAPOptions{Start: places})
		if err != nil {
			t.Fatal(err)
		}
		prepared := time.Since(start)
		u.Step(1 << 20)
		t.Logf("of that: start %.2f, neighbours %.2f, graph %.2f", began.Seconds(), (found - began).Seconds(), (prepared - found).Seconds())
		measure(t, "UMAP", time.Since(start), data, dim, u.Coords(), dims)
	}
}

func measure(t *testing.T, name string, took time.Duration, data []float32, dim int, coords []float32, dims int) {
	if *realStep == 0 {
		t.Logf("%s in %d dimensions: %.2f s", name, dims, took.Seconds())
		return
	}
	f, err := project.Measure(data, dim, coords, dims, 10, *realStep)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s in %d dimensions: %.2f s, trustworthiness %.4f, kept %.3f", name, dims, took.Seconds(), f.Trustworthiness, f.Kept)
}
