package cluster

// branch is a group in the tree of groups: it begins where it parts from its
// parent, and ends where it parts into others, or its last vectors leave.
type branch struct {
	parent       int32 // -1: none
	first, parts int32 // the branches it parts into, one after the other
	begin        float64
	stability    float64
	chosen       bool
}

// condensed is the tree of groups that have the least size.
type condensed struct {
	merges   []merge
	n        int
	branches []branch
	leaves   []int32 // for each vector the branch that it leaves last
	stack    []int32
}

// size returns the number of vectors of a part: vectors are below n.
func (c *condensed) size(part int32) int {
	if int(part) < c.n {
		return 1
	}
	return int(c.merges[int(part)-c.n].size)
}

// apart returns what a merge consists of. Merges of the same density are one,
// so that the order of equal distances does not matter.
func (c *condensed) apart(m merge) (parts []int32) {
	c.stack = append(c.stack[:0], m.left, m.right)
	for len(c.stack) > 0 {
		at := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		if int(at) >= c.n && c.merges[int(at)-c.n].density == m.density {
			c.stack = append(c.stack, c.merges[int(at)-c.n].left, c.merges[int(at)-c.n].right)
		} else {
			parts = append(parts, at)
		}
	}
	return parts
}

// leave takes the vectors of a part out of a branch, at a density.
func (c *condensed) leave(part, from int32, density float64) {
	b := &c.branches[from]
	b.stability += float64(float64(c.size(part)) * (density - b.begin))
	c.stack = append(c.stack[:0], part)
	for len(c.stack) > 0 {
		at := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		if int(at) < c.n {
			c.leaves[at] = from
		} else {
			c.stack = append(c.stack, c.merges[int(at)-c.n].left, c.merges[int(at)-c.n].right)
		}
	}
}

// condense follows the merges from the last one down: where several parts have
// the least size, 2 or more, the group parts, otherwise vectors only leave it.
func condense(merges []merge, n, least int) *condensed {
	c := &condensed{merges: merges, n: n, leaves: make([]int32, n), branches: []branch{{parent: -1}}}
	type visit struct{ part, branch int32 }
	todo := []visit{{int32(n + len(merges) - 1), 0}}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		m := merges[int(v.part)-n]
		var large []int32
		for _, p := range c.apart(m) {
			if c.size(p) >= least {
				large = append(large, p)
			} else {
				c.leave(p, v.branch, m.density)
			}
		}
		if len(large) == 1 {
			todo = append(todo, visit{large[0], v.branch})
			continue
		}
		c.branches[v.branch].first, c.branches[v.branch].parts = int32(len(c.branches)), int32(len(large))
		for _, p := range large {
			b := &c.branches[v.branch]
			b.stability += float64(float64(c.size(p)) * (m.density - b.begin))
			todo = append(todo, visit{p, int32(len(c.branches))})
			c.branches = append(c.branches, branch{parent: v.branch, begin: m.density})
		}
	}
	return c
}

// labels chooses the groups whose stability is that of their parts or more, and
// not 0, but not all as one, and gives each vector the one that it was in.
func (c *condensed) labels() (labels []int32, count int) {
	// Parts come after their groups.
	for i := len(c.branches) - 1; i > 0; i-- {
		b := &c.branches[i]
		below := 0.0
		for _, p := range c.branches[b.first : b.first+b.parts] {
			below += p.stability
		}
		b.chosen = b.stability > 0 && below <= b.stability
		b.stability = max(b.stability, below)
	}
	number := make([]int32, len(c.branches))
	for i := range c.branches {
		b := &c.branches[i]
		number[i] = None
		if b.parent >= 0 && number[b.parent] != None {
			number[i] = number[b.parent]
		} else if b.chosen {
			number[i] = int32(count)
			count++
		}
	}
	labels = make([]int32, c.n)
	for i := range labels {
		labels[i] = number[c.leaves[i]]
	}
	return labels, count
}
