package cluster_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"likeness/engine/cluster"
	"likeness/engine/vectors"
)

var (
	realVectors = flag.String("vectors", "", "an .npy file of real vectors to measure with")
	realCount   = flag.Int("count", 10000, "how many of them")
)

// TestReal measures with -args -vectors FILE.npy.
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
	report := func(name string, start time.Time, g *cluster.Groups, err error) {
		if err != nil {
			t.Fatal(err)
		}
		in, sizes := 0, []int{}
		for _, m := range g.Members {
			in += len(m)
			if sizes = append(sizes, len(m)); len(sizes) > 12 {
				sizes = sizes[:12]
			}
		}
		t.Logf("cluster %s of %d: %.2f s, %d groups with %d vectors, %v", name, n, time.Since(start).Seconds(), len(g.Members), in, sizes)
	}
	start := time.Now()
	best, tried, err := cluster.Propose(data, dim, 60, cluster.Options{})
	t.Logf("cluster proposal: %.2f s, %+v of %+v, %v", time.Since(start).Seconds(), best, tried, err)
	for _, k := range []int{best.Groups, 20, 100} {
		start = time.Now()
		g, err := cluster.KMeans(data, dim, k, cluster.Options{})
		report(fmt.Sprint("k-means ", k), start, g, err)
	}
	for _, least := range []int{5, 10, 20, 50} {
		start = time.Now()
		g, err := cluster.HDBSCAN(data, dim, least, cluster.Options{})
		report(fmt.Sprint("HDBSCAN ", least), start, g, err)
	}
	start = time.Now()
	g, err := cluster.Duplicates(data, dim, cluster.DefaultThreshold, cluster.Options{})
	report("duplicates", start, g, err)
}
