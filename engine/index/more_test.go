package index

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"likeness/engine/search"
)

// The same input gives the same bytes, on every platform.
func TestGolden(t *testing.T) {
	for _, test := range []struct {
		name  string
		limit int
		want  string
	}{{"exact", 0, "98dccd854c50b7a8"}, {"lists", 100, "f86669a665b88a25"}} {
		files, _ := build(t, input(clustered(3000, 37, 40, 5), 37), Options{ExactLimit: test.limit})
		h := sha256.New()
		for _, name := range slices.Sorted(maps.Keys(files)) {
			h.Write([]byte(name))
			h.Write(files[name].Data)
		}
		if got := hex.EncodeToString(h.Sum(nil))[:16]; got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// Where every vector is compared, the order is that of the int8 vectors'
// cosines, and the scores are within their rounding of the true ones.
func TestExact(t *testing.T) {
	const n, dim = 500, 37
	data := clustered(n, dim, 9, 1)
	_, x := build(t, input(data, dim), Options{})
	for i := range 20 {
		query := data[i*dim:][:dim]
		a, err := x.Search(context.Background(), query, n, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Matches) != n || a.Matches[0].Item != i {
			t.Fatalf("query %d: %d matches, first %v", i, len(a.Matches), a.Matches[0])
		}
		score := make([]float32, n)
		for _, m := range search.Rank(query, data) {
			score[m.Index] = m.Score
		}
		for r, m := range a.Matches {
			if d := m.Score - score[m.Item]; max(d, -d) > .01 {
				t.Fatalf("query %d, item %d: score %v, want %v", i, m.Item, m.Score, score[m.Item])
			}
			if r > 0 && (a.Matches[r-1].Score < m.Score || a.Matches[r-1].Score == m.Score && a.Matches[r-1].Item > m.Item) {
				t.Fatalf("query %d: place %d is out of order", i, r)
			}
		}
	}
}

// Lists find nearly all, read little, and give the scores that comparing with
// every vector gives.
func TestLists(t *testing.T) {
	const n, dim = 6000, 48
	data := clustered(n, dim, 300, 2)
	queries := data[:100*dim]
	data = data[100*dim:]
	exactFiles, exact := build(t, input(data, dim), Options{})
	files, x := build(t, input(data, dim), Options{ExactLimit: 1000})
	if exact.m.Lists != 0 || x.m.Lists == 0 {
		t.Fatalf("lists %d and %d", exact.m.Lists, x.m.Lists)
	}
	found, scored := 0, 0
	for i := range 100 {
		q := queries[i*dim:][:dim]
		want, err := exact.Search(context.Background(), q, 10, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Search(context.Background(), q, 10, nil)
		if err != nil {
			t.Fatal(err)
		}
		truth := map[string]float32{}
		for r, record := range recordsOf(t, exact, want) {
			truth[pathIn(record)] = want.Matches[r].Score
		}
		for r, record := range recordsOf(t, x, got) {
			score, ok := truth[pathIn(record)]
			if ok {
				found++
				if score != got.Matches[r].Score {
					t.Fatalf("%s scores %v with lists, %v with all", record, got.Matches[r].Score, score)
				}
			}
		}
		scored += got.Scored
	}
	if found < 960 {
		t.Errorf("recall@10 is %.3f", float64(found)/1000)
	}
	if scored > 100*(n-100)/3 {
		t.Errorf("%d items compared a query, of %d", scored/100, n-100)
	}
	if len(files) < 4 || len(exactFiles) < 3 {
		t.Errorf("%d and %d files", len(files), len(exactFiles))
	}
}

func recordsOf(t *testing.T, x *Index, a *Answer) (out []string) {
	t.Helper()
	items := make([]int, len(a.Matches))
	for r, m := range a.Matches {
		items[r] = m.Item
	}
	records, err := x.Records(context.Background(), items)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		out = append(out, string(r))
	}
	return out
}

// pathIn is what stands behind the last "path" of a record.
func pathIn(record string) string { return record[strings.LastIndex(record, `"path"`):] }

// A search among some items gives those that the whole order has.
func TestFilter(t *testing.T) {
	const dim = 16
	_, x := build(t, input(clustered(300, dim, 5, 3), dim), Options{})
	q := clustered(1, dim, 5, 4)
	odd := func(i int) bool { return i%2 == 1 }
	all, err := x.Search(context.Background(), q, 300, nil)
	if err != nil {
		t.Fatal(err)
	}
	some, err := x.Search(context.Background(), q, 20, odd)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(slices.Clone(all.Matches), func(m Match) bool { return !odd(m.Item) })[:20]
	if !slices.Equal(some.Matches, want) {
		t.Errorf("got %v, want %v", some.Matches, want)
	}
}

// Whatever is changed in a file, a search gives one clear error or the answer
// that it gave before.
func TestDamaged(t *testing.T) {
	const dim = 24
	data := clustered(900, dim, 30, 6)
	for _, limit := range []int{0, 100} {
		files, x := build(t, input(data, dim), Options{ExactLimit: limit})
		ask := func() ([]string, error) {
			y, err := Open(context.Background(), &x.m, Folder{files})
			if err != nil {
				return nil, err
			}
			var all []string
			for i := range 30 {
				a, err := y.Search(context.Background(), data[i*29*dim:][:dim], 5, nil)
				if err != nil {
					return nil, err
				}
				for _, m := range a.Matches {
					all = append(all, string(rune(m.Item)))
				}
				all = append(all, recordsOf(t, y, a)...)
			}
			return all, nil
		}
		want, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		refused := 0
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if name == ManifestFile || strings.HasPrefix(name, KindItems) {
				continue
			}
			was := files[name].Data
			for _, change := range [][]byte{nil, was[:len(was)-1], append(slices.Clone(was), 0), flipped(was, 0), flipped(was, len(was)/2), flipped(was, len(was)-1)} {
				files[name] = &fstest.MapFile{Data: change}
				got, err := ask()
				if err != nil {
					refused++
					if !errors.Is(err, ErrDamaged) {
						t.Errorf("%s: %v", name, err)
					}
				} else if !slices.Equal(got, want) {
					t.Errorf("%s with %d bytes of %d gives another answer", name, len(change), len(was))
				}
			}
			files[name] = &fstest.MapFile{Data: was}
		}
		if refused < 4 {
			t.Errorf("%d refused", refused)
		}
	}
}

func flipped(data []byte, at int) []byte {
	data = slices.Clone(data)
	data[at] ^= 0x10
	return data
}

func TestManifestRefused(t *testing.T) {
	_, x := build(t, input(clustered(300, 8, 3, 1), 8), Options{ExactLimit: 10})
	for name, change := range map[string]func(m *Manifest){
		"format": func(m *Manifest) { m.Format = "likeness index 2" }, "generation": func(m *Manifest) { m.Generation = "../../etc/passwd" },
		"no items": func(m *Manifest) { m.Count = 0 }, "many": func(m *Manifest) { m.Count = 1 << 40 }, "dim": func(m *Manifest) { m.Dim = 1 << 30 },
		"vectors": func(m *Manifest) { m.Vectors = 0 }, "lists": func(m *Manifest) { m.Lists = 301 }, "most": func(m *Manifest) { m.Most = m.Lists + 1 },
		"least": func(m *Manifest) { m.Least = 0 }, "checks": func(m *Manifest) { m.Checks = nil }, "margin": func(m *Manifest) { m.Margin = -1 },
	} {
		m := x.m
		change(&m)
		if _, err := Open(context.Background(), &m, x.storage); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, err := x.Search(context.Background(), make([]float32, 9), 5, nil); err == nil || !strings.Contains(err.Error(), "9 values") {
		t.Errorf("a query of another length: %v", err)
	}
}

// A record is found, and offsets that lie are refused.
func TestRecord(t *testing.T) {
	file := records([][]byte{[]byte("a"), nil, []byte("xyz")})
	for i, want := range []string{"a", "", "xyz"} {
		if got, err := Record(file, 3, i); err != nil || string(got) != want {
			t.Errorf("record %d: %q, %v", i, got, err)
		}
	}
	for i, bad := range [][]byte{nil, file[:15], file[:len(file)-1], flipped(file, 12), flipped(file, 8)} {
		if _, err := Record(bad, 3, 2); err == nil {
			t.Errorf("%d was taken", i)
		}
	}
}

func TestInputRefused(t *testing.T) {
	write := func(string, []byte) error { return nil }
	for name, in := range map[string]Input{"none": input(nil, 4), "length": input(make([]float32, 7), 4), "dim": input(make([]float32, 4), 0)} {
		if _, err := Build(context.Background(), in, Options{}, write); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	nan := clustered(5, 4, 1, 1)
	nan[7] = float32(math.NaN())

	if _, err := Build(context.Background(), input(nan, 4), Options{}, write); !errors.Is(err, search.ErrNotFinite) {
		t.Errorf("a value that is not finite: %v", err)
	}
	// One item, and items that are all zeros, are indices like any other.
	for _, data := range [][]float32{{1, 2, 3, 4}, make([]float32, 12)} {
		_, x := build(t, input(data, 4), Options{})
		a, err := x.Search(context.Background(), []float32{1, 0, 0, 0}, 10, nil)
		if err != nil || len(a.Matches) != len(data)/4 {
			t.Errorf("%v: %v, %v", data, a, err)
		}
	}
}

func TestTags(t *testing.T) {
	const dim = 8
	in := input(clustered(50, dim, 3, 1), dim)
	in.Tags = func(i int) []string {
		if i%7 == 3 {
			return []string{"seventh", "seventh", "all"}
		}
		return []string{"all"}
	}
	for _, limit := range []int{0, 10} {
		_, x := build(t, in, Options{ExactLimit: limit})
		if x.m.Tags != 2 {
			t.Fatalf("%d tags", x.m.Tags)
		}
		filter, ok, err := x.Tagged(context.Background(), "seventh")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		n := 0
		for item, r := range recordsOf(t, x, &Answer{Matches: every(50)}) {
			var i int
			fmt.Sscanf(pathIn(r), `"path":"%d"`, &i)
			if filter(item) != (i%7 == 3) {
				t.Errorf("item %d, which was %d: %v", item, i, filter(item))
			}
			if filter(item) {
				n++
			}
		}
		if n != 7 {
			t.Errorf("%d items", n)
		}
		if _, ok, err := x.Tagged(context.Background(), "none"); ok || err != nil {
			t.Errorf("a tag that nothing has: %v, %v", ok, err)
		}
	}
}

func every(n int) (all []Match) {
	for i := range n {
		all = append(all, Match{Item: i})
	}
	return all
}

func TestFind(t *testing.T) {
	const n, dim = 40, 8
	in := input(clustered(n, dim, 3, 1), dim)
	in.Path = func(i int) string { return fmt.Sprint(i) }
	for _, limit := range []int{0, 10} {
		_, x := build(t, in, Options{ExactLimit: limit})
		for i := range n {
			item, err := x.Find(context.Background(), fmt.Sprint(i))
			if err != nil {
				t.Fatal(err)
			}
			if r := recordsOf(t, x, &Answer{Matches: []Match{{Item: item}}}); pathIn(r[0]) != fmt.Sprintf(`"path":"%d"}`, i) {
				t.Errorf("path %d is item %d: %s", i, item, r[0])
			}
		}
		if item, err := x.Find(context.Background(), "none"); item != -1 || err != nil {
			t.Errorf("a path that is not there: %d, %v", item, err)
		}
	}
	if got := hashPath("foobar"); got != 0xbf9cf968 { // the authors' test vector
		t.Errorf("hash %x", got)
	}
}

// The best matches are those of a full sort, whatever the number wanted, with
// many equal scores.
func TestExactKeepsTheBest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		for _, n := range []int{1, 3, 9, 30} {
			exactKeepsTheBest(t, r, n)
		}
	}
	exactKeepsTheBest(t, r, 3000)
}

func exactKeepsTheBest(t *testing.T, r *rand.Rand, n int) {
	const dim = 24
	x := &Index{m: Manifest{Count: n, Dim: dim}, all: make([]int8, n*dim), length: make([]float64, n)}
	for i := range n {
		row := x.all[i*dim:][:dim]
		for j := range row {
			row[j] = int8(r.IntN(3) - 1) // few values: equal scores
		}
		x.length[i] = lengthOf(row)
	}
	vector := make([]float32, dim)
	for j := range vector {
		vector[j] = float32(r.IntN(3) - 1)
	}
	q, err := newQuery(vector)
	if err != nil {
		t.Fatal(err)
	}
	want := &Answer{}
	for i := range n {
		want.Matches = append(want.Matches, Match{i, q.cosine(x.all[i*dim:][:dim], x.length[i])})
	}
	want.keep(n)
	for _, k := range []int{1, 2, 4, 10, 999, n, n + 5} {
		got := x.exact(q, k, nil).Matches
		if !slices.Equal(got, want.Matches[:min(k, n)]) {
			t.Errorf("%d best of %d: %v", k, n, got[:min(3, len(got))])
		}
	}
	odd := x.exact(q, 20, func(item int) bool { return item%2 == 1 }).Matches
	for _, m := range odd {
		if m.Item%2 == 0 {
			t.Errorf("%d was left out", m.Item)
		}
	}
}

func BenchmarkExact(b *testing.B) {
	for _, dim := range []int{320, 1280} {
		const n = 100000
		x := &Index{m: Manifest{Count: n, Dim: dim}, all: make([]int8, n*dim), length: make([]float64, n)}
		for i := range x.all {
			x.all[i] = int8(i*i>>7) >> 1
		}
		for i := range n {
			x.length[i] = 1000
		}
		vector := make([]float32, dim)
		for j := range vector {
			vector[j] = float32(j%7) - 3
		}
		q, err := newQuery(vector)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(strconv.Itoa(dim), func(b *testing.B) {
			for b.Loop() {
				x.exact(q, 10, nil)
			}
		})
	}
}
