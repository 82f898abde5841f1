package search

import (
	"fmt"
	"math"

	"likeness/engine/internal/portable"
	"likeness/engine/kernel"
)

// The measure of lists: see README.md of engine/project for what they reach.
const (
	perList    = 200 // vectors, in the mean
	probes     = 16  // lists looked through for each vector
	rounds     = 6   // of k-means
	perCentre  = 48  // vectors from which each centre is learned
	listsShare = 0.2 // of the time until the lists stand
)

// throughLists divides the vectors among lists by spherical k-means, and
// compares each with those of the lists whose centres are nearest to it
// (inverted lists: Jégou, Douze, Schmid 2011). A pair is offered to both of
// its vectors.
func throughLists(m *Set, lists *shortlists, seed uint64, check Check) error {
	count := max(m.n/perList, 1)
	centres, err := learnCentres(m, count, seed, check.part(0, listsShare/2))
	if err != nil {
		return err
	}
	probed := newShortlists(m.n, min(probes, count))
	if err := scan(m, centres, probed, check.part(listsShare/2, listsShare)); err != nil {
		return err
	}
	members, queries := make([][]int32, count), make([][]int32, count)
	home := make([]int32, m.n)
	near := make([][]int32, m.n)
	for i := range m.n {
		near[i] = probed.candidates(i)
		home[i] = probed.first(i)
		members[home[i]] = append(members[home[i]], int32(i))
		for _, l := range near[i] {
			queries[l] = append(queries[l], int32(i))
		}
	}
	look := lookup{m: m, lists: lists, home: home, near: near, p: newPanel(m.stride)}
	for l := range count {
		look.list(queries[l], members[l])
		if err := check.at(listsShare + float64((1-listsShare)*float64(l+1)/float64(count))); err != nil {
			return err
		}
	}
	return nil
}

// first returns the best candidate.
func (s *shortlists) first(i int) int32 {
	best := uint64(0)
	for _, key := range s.keys[2*s.keep*i:][:s.count[i]] {
		best = max(best, key)
	}
	return s.indexOf(best)
}

// lookup compares the queries of a list with its members.
type lookup struct {
	m       *Set
	lists   *shortlists
	home    []int32   // the list of each vector
	near    [][]int32 // the lists each vector is looked for in
	p       panel
	queries []int16 // gathered, with slack
	members []int16
}

func (u *lookup) gather(to []int16, which []int32, slack int) []int16 {
	k := u.m.stride
	if need := (len(which) + slack) * k; cap(to) < need {
		to = make([]int16, need)
	} else {
		to = to[:need]
	}
	for r, i := range which {
		copy(to[r*k:][:k], u.m.rows[int(i)*k:])
	}
	return to
}

func (u *lookup) list(queries, members []int32) {
	k, most, width := u.m.stride, u.p.columns.Most(), u.p.columns.Width()
	u.queries = u.gather(u.queries, queries, kernel.DotSlack)
	u.members = u.gather(u.members, members, 0)
	for first := 0; first < len(members); first += most {
		cols := members[first:min(first+most, len(members))]
		u.p.columns.Fill(u.members[first*k:][:len(cols)*k])
		for from := 0; from < len(queries); from += kernel.DotRows {
			rows := queries[from:min(from+kernel.DotRows, len(queries))]
			stride := kernel.Dots(u.p.products, u.queries[from*k:], len(rows), u.p.columns)
			for r, i := range rows {
				for col := 0; col < len(cols); col += width {
					block := cols[col:min(col+width, len(cols))]
					u.offer(i, block, u.p.products[(col/width*stride+r)*width:][:len(block)])
				}
			}
		}
	}
}

// offer gives members to a query, and it to those that do not look for it.
func (u *lookup) offer(i int32, members []int32, products []int32) {
	least := u.lists.least[i]
	for c, d := range products {
		j := members[c]
		if d >= least && i != j {
			u.lists.add(int(i), d, int(j))
			least = u.lists.least[i]
		}
		if d >= u.lists.least[j] && i != j && !contains(u.near[j], u.home[i]) {
			u.lists.add(int(j), d, int(i))
		}
	}
}

func contains(lists []int32, l int32) bool {
	for _, x := range lists {
		if x == l {
			return true
		}
	}
	return false
}

// learnCentres runs Lloyd's rounds on a sample, from vectors drawn by lot. Sums
// are of integers, so that their order does not matter.
func learnCentres(m *Set, count int, seed uint64, check Check) (*Set, error) {
	sample := sampleOf(m, min(m.n, count*perCentre), seed)
	centres := &Set{n: count, dim: m.dim, stride: m.stride, rows: make([]int16, (count+kernel.DotSlack)*m.stride)}
	copy(centres.rows, sample.rows[:count*m.stride])
	for round := range rounds {
		nearest, err := sample.Assign(centres)
		if err != nil {
			return nil, err
		}
		sums := make([]int64, count*m.stride)
		for i := range sample.n {
			sum := sums[int(nearest[i])*m.stride:][:m.stride]
			for k, x := range sample.rows[i*m.stride:][:m.stride] {
				sum[k] += int64(x)
			}
		}
		for c := range count {
			direction(centres.rows[c*m.stride:][:m.stride], sums[c*m.stride:][:m.stride])
		}
		if err := check.at(float64(round+1) / rounds); err != nil {
			return nil, err
		}
	}
	return centres, nil
}

// direction scales a sum to the length unit. A centre that nothing is near to
// stays where it is.
func direction(out []int16, sum []int64) {
	square := 0.0
	for _, x := range sum {
		square += float64(float64(x) * float64(x))
	}
	if square == 0 {
		return
	}
	scale := unit / math.Sqrt(square)
	for k, x := range sum {
		out[k] = int16(math.RoundToEven(float64(x) * scale))
	}
}

// sampleOf draws different vectors, in an order by lot (Fisher and Yates).
func sampleOf(m *Set, n int, seed uint64) *Set {
	order := make([]int32, m.n)
	for i := range order {
		order[i] = int32(i)
	}
	chance := portable.Random(seed)
	s := &Set{n: n, dim: m.dim, stride: m.stride, rows: make([]int16, (n+kernel.DotSlack)*m.stride)}
	for i := range n {
		j := i + int(chance.Next()%uint64(m.n-i))
		order[i], order[j] = order[j], order[i]
		copy(s.rows[i*m.stride:][:m.stride], m.rows[int(order[i])*m.stride:])
	}
	return s
}

// Centres divides vectors among count lists by spherical k-means on a sample
// drawn by seed, and returns the centres, a set without data of its own: only
// [Set.Unit], [Set.Len] and [Set.Assign] may be used. count is at most the
// number of vectors.
func Centres(m *Set, count int, seed uint64, check Check) (*Set, error) {
	if count < 1 || count > m.n {
		return nil, fmt.Errorf("search: Centres: %d centres of %d vectors", count, m.n)
	}
	return learnCentres(m, count, seed, check)
}
