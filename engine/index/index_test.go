package index

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"likeness/engine/search"
	"likeness/engine/vectors"
)

// clustered makes vectors about centres, as those of real pictures are.
func clustered(n, dim, centres int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	centre := make([]float32, centres*dim)
	for i := range centre {
		centre[i] = float32(r.NormFloat64())
	}
	out := make([]float32, n*dim)
	for i := range n {
		c := centre[r.IntN(centres)*dim:][:dim]
		for k := range dim {
			out[i*dim+k] = c[k] + float32(.7*r.NormFloat64())
		}
	}
	return out
}

// input is a collection with records that tell the number in the input.
func input(data []float32, dim int) Input {
	return Input{Data: data, Dim: dim, Source: Source{Model: "test", Layer: "last", Pool: "avg"},
		Record: func(i, item int, near []Match) ([]byte, error) {
			return json.Marshal(map[string]any{"path": fmt.Sprint(i), "near": near})
		}}
}

func build(t testing.TB, in Input, o Options) (fstest.MapFS, *Index) {
	t.Helper()
	fsys := fstest.MapFS{}
	m, err := Build(context.Background(), in, o, func(name string, data []byte) error {
		fsys[name] = &fstest.MapFile{Data: slices.Clone(data)}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	x, err := Open(context.Background(), m, Folder{fsys})
	if err != nil {
		t.Fatal(err)
	}
	return fsys, x
}

var (
	realVectors = flag.String("vectors", "", "`FILE.npy` for TestReal")
	hold        = flag.Int("hold", 1000, "vectors of it that are queries")
)

// TestReal measures recall@10 on real vectors, of which some are held out.
func TestReal(t *testing.T) {
	if *realVectors == "" {
		t.Skip("no -vectors FILE.npy")
	}
	f, err := os.Open(*realVectors)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := f.Stat()
	rows, err := vectors.OpenRows(f, info.Size(), "npy")
	if err != nil {
		t.Fatal(err)
	}
	dim := rows.Dim()
	var data, queries []float32
	every := rows.Len() / *hold
	for i := range rows.Len() {
		_, v, err := rows.Row(i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if i%every == every/2 {
			queries = append(queries, v...)
		} else {
			data = append(data, v...)
		}
	}
	start := time.Now()
	_, x := build(t, input(data, dim), Options{})
	t.Logf("%d items, built in %v; lists %d, margin %d, most %d, exact part %d bytes", x.m.Count, time.Since(start), x.m.Lists, x.m.Margin, x.m.Most, listsBytes(&x.m))
	truth, err := search.Among(queries, data, dim, 10, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found, lists, bytes, scored := 0, 0, int64(0), 0
	var spent time.Duration
	for i := range truth.N {
		start := time.Now()
		a, err := x.Search(context.Background(), queries[i*dim:][:dim], 10, nil)
		if err != nil {
			t.Fatal(err)
		}
		spent += time.Since(start)
		var items []int
		for _, m := range a.Matches {
			items = append(items, m.Item)
		}
		records, err := x.Records(context.Background(), items)
		if err != nil {
			t.Fatal(err)
		}
		index, _ := truth.Of(i)
		for _, r := range records {
			var record struct{ Path string }
			if err := json.Unmarshal(r, &record); err != nil {
				t.Fatal(err)
			}
			var n int32
			fmt.Sscan(record.Path, &n)
			if slices.Contains(index, n) {
				found++
			}
		}
		lists, bytes, scored = lists+a.Lists, bytes+a.Bytes, scored+a.Scored
	}
	n := float64(truth.N)
	t.Logf("recall@10 %.4f, %.1f lists, %.0f items compared, %.0f bytes a query, %v", float64(found)/10/n, float64(lists)/n, float64(scored)/n, float64(bytes)/n, spent/time.Duration(truth.N))
}
