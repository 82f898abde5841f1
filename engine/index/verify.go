package index

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"likeness/engine/search"
)

// ReadManifest reads and checks a manifest.
func ReadManifest(data []byte) (*Manifest, error) {
	m := &Manifest{}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, damaged("it is no manifest (%v)", err)
	}
	return m, m.Validate()
}

// Verify reads every file and reports the first thing that is wrong.
func Verify(ctx context.Context, m *Manifest, storage Storage, check search.Check) error {
	x, err := Open(ctx, m, storage)
	if err != nil {
		return err
	}
	const chunk = 1024
	bytes := codeBytes(m.Dim)
	code := make([]byte, bytes)
	for l := range m.Lists {
		a := &Answer{}
		s := span{int(x.lists.start[l]), int(x.lists.start[l+1])}
		codes, err := x.read(ctx, KindCodes, []span{s}, m.Codes, bytes, a)
		if err != nil {
			return err
		}
		if checkOf(codes[0]) != x.lists.check[l] {
			return damaged("the codes of list %d", l)
		}
		items := make([]int, s.last-s.first)
		for i := range items {
			items[i] = s.first + i
		}
		vectors, err := x.vectors(ctx, items, a)
		if err != nil {
			return err
		}
		for i, v := range vectors {
			encode(code, v, x.lists.mean)
			if !slices.Equal(code, codes[0][i*bytes:][:bytes]) {
				return damaged("the vector of item %d is not the one its code was made from", items[i])
			}
		}
		if err := tell(check, float64(l)/float64(m.Lists)/2); err != nil {
			return err
		}
	}
	for first := 0; first < m.Count; first += chunk {
		var items []int
		for i := first; i < min(first+chunk, m.Count); i++ {
			items = append(items, i)
		}
		records, err := x.Records(ctx, items)
		if err != nil {
			return err
		}
		for i, r := range records {
			if !json.Valid(r) {
				return damaged("the record of item %d", items[i])
			}
		}
		if m.Thumbs > 0 {
			if err := x.checkThumbs(ctx, items); err != nil {
				return err
			}
		}
		if err := tell(check, .5+float64(first)/float64(m.Count)/2); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) checkThumbs(ctx context.Context, items []int) error {
	_, err := x.packed(ctx, KindThumbs, x.m.Thumbs, items)
	return err
}

func tell(check search.Check, done float64) error {
	if check == nil {
		return nil
	}
	return check(done)
}

// Quality is what searches of a kind find and read.
type Quality struct {
	Queries int     `json:"queries"`
	Recall  float64 `json:"recall"` // of the ten nearest, 0..1
	Lists   float64 `json:"lists"`  // looked through, in the mean, as the next two
	Scored  float64 `json:"scored"`
	Bytes   float64 `json:"bytes"`
}

// Report measures searches for items of the index, spread over it, against
// comparing them with every vector; the item itself does not count. most is the
// number of lists a search looks through; 0 leaves it to the index. It reads all
// vectors.
func Report(ctx context.Context, m *Manifest, storage Storage, queries, most int) (*Quality, error) {
	x, err := Open(ctx, m, storage)
	if err != nil {
		return nil, err
	}
	if most > 0 {
		x.m.Least, x.m.Most = min(most, m.Lists), min(most, m.Lists)
	}
	all, err := x.everyVector(ctx)
	if err != nil {
		return nil, err
	}
	queries = min(queries, m.Count)
	q := &Quality{Queries: queries}
	exact := &Index{m: x.m, all: all, length: make([]float64, m.Count)}
	for i := range m.Count {
		exact.length[i] = lengthOf(all[i*m.Dim:][:m.Dim])
	}
	for n := range queries {
		i := n * (m.Count / queries)
		vector := make([]float32, m.Dim)
		for k, v := range all[i*m.Dim:][:m.Dim] {
			vector[k] = float32(v)
		}
		others := func(item int) bool { return item != i }
		want, err := exact.Search(ctx, vector, 10, others)
		if err != nil {
			return nil, err
		}
		got, err := x.Search(ctx, vector, 10, others)
		if err != nil {
			return nil, err
		}
		found := 0
		for _, w := range want.Matches {
			if slices.ContainsFunc(got.Matches, func(g Match) bool { return g.Item == w.Item }) {
				found++
			}
		}
		if len(want.Matches) > 0 {
			q.Recall += float64(found) / float64(len(want.Matches))
		}
		q.Lists, q.Scored, q.Bytes = q.Lists+float64(got.Lists), q.Scored+float64(got.Scored), q.Bytes+float64(got.Bytes)
	}
	if n := float64(queries); n > 0 {
		q.Recall, q.Lists, q.Scored, q.Bytes = q.Recall/n, q.Lists/n, q.Scored/n, q.Bytes/n
	}
	return q, nil
}

func (x *Index) everyVector(ctx context.Context) ([]int8, error) {
	if x.lists == nil {
		return x.all, nil
	}
	all := make([]int8, 0, x.m.Count*x.m.Dim)
	const chunk = 4096
	for first := 0; first < x.m.Count; first += chunk {
		var items []int
		for i := first; i < min(first+chunk, x.m.Count); i++ {
			items = append(items, i)
		}
		vectors, err := x.vectors(ctx, items, &Answer{})
		if err != nil {
			return nil, fmt.Errorf("vectors: %w", err)
		}
		for _, v := range vectors {
			all = append(all, v...)
		}
	}
	return all, nil
}
