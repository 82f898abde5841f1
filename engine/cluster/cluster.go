// Package cluster groups vectors by their cosines: into a number of groups
// (k-means), into those that the vectors themselves form (HDBSCAN), and into
// near-duplicates. Everything is decided by a seed, and the same on every
// platform. It imports engine/search and engine/internal/portable.
package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"likeness/engine/internal/portable"
	"likeness/engine/search"
)

// None is the group of a vector that belongs to none.
const None = -1

// Groups is a division of vectors, the largest group first, among equal ones
// the one with the first member.
type Groups struct {
	// Of has for each vector the number of its group, from 0, or None.
	Of []int32 `json:"of"`
	// Members has the vectors of each group, the most central first: in falling
	// order of their cosines with the mean of the group.
	Members [][]int32 `json:"members"`
}

// Central returns the most central member of a group.
func (g *Groups) Central(group int) int { return int(g.Members[group][0]) }

// Options say how groups are found. The zero value is good.
type Options struct {
	// Seed chooses what is left to chance.
	Seed uint64
	// Check is told the share that is done, and may be nil. Its error ends the
	// work.
	Check search.Check
}

func (o Options) at(done float64) error {
	if o.Check == nil {
		return nil
	}
	return o.Check(done)
}

// part gives a part of the work its share of the progress.
func (o Options) part(from, to float64) Options {
	if check := o.Check; check != nil {
		o.Check = func(done float64) error { return check(from + float64((to-from)*min(done, 1))) }
	}
	return o
}

// arrange numbers groups by size and sorts their members. Labels may be any
// numbers from 0 to count-1, or None; those that nothing has are left out.
func arrange(s *search.Set, labels []int32, count int) *Groups {
	members := make([][]int32, count)
	for i, l := range labels {
		if l >= 0 {
			members[l] = append(members[l], int32(i))
		}
	}
	members = slices.DeleteFunc(members, func(m []int32) bool { return len(m) == 0 })
	slices.SortFunc(members, func(a, b []int32) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a[0], b[0]))
	})
	g := &Groups{Of: make([]int32, len(labels)), Members: members}
	for i := range g.Of {
		g.Of[i] = None
	}
	for l, m := range members {
		for _, i := range m {
			g.Of[i] = int32(l)
		}
		centralFirst(s, m)
	}
	return g
}

// centralFirst sorts vectors by their products with their sum, ties by index.
func centralFirst(s *search.Set, members []int32) {
	var sum []int64
	for _, i := range members {
		sum = add(sum, s.Unit(int(i)))
	}
	type placed struct {
		index   int32
		product float64
	}
	order := make([]placed, len(members))
	for p, i := range members {
		product := 0.0
		for k, x := range s.Unit(int(i)) {
			product += float64(float64(x) * float64(sum[k]))
		}
		order[p] = placed{i, product}
	}
	slices.SortFunc(order, func(a, b placed) int {
		return cmp.Or(cmp.Compare(b.product, a.product), cmp.Compare(a.index, b.index))
	})
	for p := range order {
		members[p] = order[p].index
	}
}

// add adds a vector to a sum, which may be nil. Sums of integers do not depend
// on their order.
func add(sum []int64, v []int16) []int64 {
	if sum == nil {
		sum = make([]int64, len(v))
	}
	for k, x := range v {
		sum[k] += int64(x)
	}
	return sum
}

// checkCount refuses a number of groups that cannot be.
func checkCount(n, k int) error {
	if k < 1 {
		return errors.New("the number of groups is not positive")
	}
	if k > n {
		return fmt.Errorf("%d groups of %d vectors", k, n)
	}
	return nil
}

// random is portable.Random with the draws that groups are pinned by.
type random struct{ portable.Random }

func newRandom(seed uint64) *random { return &random{portable.Random(seed)} }

// below returns a number in 0..n-1.
func (r *random) below(n int) int { return int(r.Next() >> 33 * uint64(n) >> 31) }

// distance is 1 less the cosine, at least 0, of two vectors of search's unit
// length.
func distance(a, b []int16) float64 {
	var s0, s1, s2, s3 int64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		s0 += int64(x[0]) * int64(y[0])
		s1 += int64(x[1]) * int64(y[1])
		s2 += int64(x[2]) * int64(y[2])
		s3 += int64(x[3]) * int64(y[3])
	}
	for ; i < len(a); i++ {
		s0 += int64(a[i]) * int64(b[i])
	}
	return math.Max(1-float64(s0+s1+s2+s3)/(search.UnitLength*search.UnitLength), 0)
}
