package cluster

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/search"
)

// group is what the plain definition finds: a set of vectors that parted, or
// not, into two.
type group struct {
	members   []int
	stability float64
	parts     []*group
}

// plain follows the definition on all pairs: the longest edges of a minimum
// spanning tree are taken out, again and again.
func plain(far [][]float64, members []int, begin float64, least int) *group {
	g := &group{members: members}
	for len(members) > 1 {
		parts, density := part(far, members)
		var large [][]int
		for _, p := range parts {
			g.stability += float64(len(p)) * (density - begin)
			if len(p) >= least {
				large = append(large, p)
			}
		}
		if len(large) != 1 {
			for _, p := range large {
				g.parts = append(g.parts, plain(far, p, density, least))
			}
			return g
		}
		g.stability -= float64(len(large[0])) * (density - begin) // they stay
		members = large[0]
	}
	return g
}

// part makes the spanning tree (Prim) and cuts its longest edges.
func part(far [][]float64, members []int) (parts [][]int, density float64) {
	type link struct {
		a, b int
		d    float64
	}
	var tree []link
	in := map[int]bool{members[0]: true}
	longest := 0.0
	for len(in) < len(members) {
		best := link{d: math.Inf(1)}
		for _, a := range members {
			for _, b := range members {
				if in[a] && !in[b] && far[a][b] < best.d {
					best = link{a, b, far[a][b]}
				}
			}
		}
		in[best.b] = true
		tree = append(tree, best)
		longest = max(longest, best.d)
	}
	side := map[int]int{}
	for _, m := range members {
		side[m] = m
	}
	for range members {
		for _, l := range tree {
			if l.d < longest {
				s := min(side[l.a], side[l.b])
				side[l.a], side[l.b] = s, s
			}
		}
	}
	for _, first := range members {
		var p []int
		for _, m := range members {
			if side[m] == first {
				p = append(p, m)
			}
		}
		if len(p) > 0 {
			parts = append(parts, p)
		}
	}
	return parts, 1 / longest
}

// choose returns the groups of most stability, not the first one.
func choose(g *group, first bool) (chosen []*group, stability float64) {
	if len(g.parts) > 0 {
		for _, p := range g.parts {
			c, s := choose(p, false)
			chosen, stability = append(chosen, c...), stability+s
		}
		if first || stability > g.stability {
			return chosen, stability
		}
	}
	if first {
		return nil, 0
	}
	if g.stability == 0 {
		return nil, 0
	}
	return []*group{g}, g.stability
}

// TestHDBSCANAgainstPlain on so few vectors that all are neighbours.
func TestHDBSCANAgainstPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 150 {
		n, dim, least := 8+rng.IntN(24), 2+rng.IntN(5), 2+rng.IntN(4)
		data := make([]float32, n*dim)
		for i := range data {
			data[i] = float32(rng.NormFloat64()*0.4) + float32(i/dim%3*(i%dim))
		}
		nb, err := search.Nearest(data, dim, n-1, search.Options{})
		if err != nil {
			t.Fatal(err)
		}
		labels, count := dense(nb, least)
		d := make([][]float64, n)
		core := make([]float64, n)
		for i := range d {
			d[i] = make([]float64, n)
			index, score := nb.Of(i)
			for r, j := range index {
				d[i][j] = apart(score[r])
			}
			core[i] = apart(score[min(least, coreNeighbours)-1])
		}
		var members []int
		for i := range d {
			members = append(members, i)
			for j := range d {
				d[i][j] = max(d[i][j], core[i], core[j])
			}
		}
		chosen, _ := choose(plain(d, members, 0, least), true)
		want := make([]int, n)
		for i := range want {
			want[i] = None
		}
		for l, g := range chosen {
			for _, i := range g.members {
				want[i] = l
			}
		}
		same := true
		of := map[int32]int{}
		for i, l := range labels {
			if (l == None) != (want[i] == None) {
				same = false
			} else if l != None {
				if w, ok := of[l]; ok && w != want[i] {
					same = false
				}
				of[l] = want[i]
			}
		}
		if !same || count != len(chosen) {
			t.Errorf("%d vectors of %d, least %d: %v, plain %v", n, dim, least, labels, want)
		}
		found += count
	}
	if found < 60 {
		t.Errorf("only %d groups in all", found)
	}
}

func TestSilhouetteByHand(t *testing.T) {
	// Places 0, 1, 5, 7 and 20 on a line; the last is alone.
	places := []float32{0, 1, 5, 7, 20}
	far := make([]float32, 25)
	for i, a := range places {
		for j, b := range places {
			far[5*i+j] = float32(math.Abs(float64(a - b)))
		}
	}
	// a: 1, 1, 2, 2; b: 6, 5, 4.5, 6.5.
	want := (5.0/6 + 4.0/5 + 2.5/4.5 + 4.5/6.5) / 5
	if got := silhouette(far, []int32{0, 0, 1, 1, 3}, 4); math.Abs(got-want) > 1e-6 {
		t.Errorf("silhouette %v, want %v", got, want)
	}
}
