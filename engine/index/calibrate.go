package index

import (
	"math"
	"slices"
)

// calibrate learns the margin: for items as queries, by how much the centres of
// the lists that hold their ten nearest others score less than the best centre.
func (b *builder) calibrate() error {
	x := &Index{m: b.m, lists: b.lists}
	step := max(b.n/calibration, 1)
	var gaps []int64
	bytes := codeBytes(b.m.Dim)
	for i := 0; i < b.n; i += step {
		q, err := newQuery(b.in.Data[i*b.m.Dim:][:b.m.Dim])
		if err != nil {
			return err
		}
		q.prepare(b.lists.spread)
		best := int64(math.MinInt64)
		for l := range b.m.Lists {
			best = max(best, int64(x.centreScore(q, l, bytes)))
		}
		index, _ := b.nearest.Of(i)
		for _, j := range index[:min(len(index), 10)] {
			gaps = append(gaps, best-int64(x.centreScore(q, int(b.home[j]), bytes)))
		}
	}
	slices.Sort(gaps)
	b.m.Margin = int32(min(gaps[min(int(coverage*float64(len(gaps))), len(gaps)-1)], math.MaxInt32))
	return nil
}

func (x *Index) centreScore(q *query, l, bytes int) int32 {
	return q.estimate(x.lists.centre[l*bytes:][:bytes])
}
