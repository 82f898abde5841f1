package nd

import (
	"fmt"
	"slices"
	"strings"
)

// Arrange checks that every value is made once and before it is read, and puts
// the nodes into such an order, changing nothing where the file's order will
// do. It names a cycle's nodes, a value that is made twice and a value that
// nothing makes. Readers call it last.
func (g *Graph) Arrange() error {
	maker, err := g.makers()
	if err != nil {
		return err
	}
	for _, v := range g.Outputs {
		if _, ok := maker[v.Name]; !ok {
			return fmt.Errorf("nothing makes output %q", v.Name)
		}
	}
	var (
		order   = make([]Node, 0, len(g.Nodes))
		waits   = make([]int, len(g.Nodes)) // inputs not made yet
		readers = make([][]int, len(g.Nodes))
	)
	for i := range g.Nodes {
		for _, in := range g.Nodes[i].Inputs {
			if in == "" {
				continue
			}
			m, ok := maker[in]
			if !ok {
				return fmt.Errorf("%s reads %q, which is neither an input, a weight in the file nor made by a node", g.Nodes[i].Title(), in)
			}
			if m >= 0 {
				waits[i]++
				readers[m] = append(readers[m], i)
			}
		}
	}
	// The first node in file order of those that can run, each time: a file
	// that is in order stays as it is.
	var free []int
	for i := range g.Nodes {
		if waits[i] == 0 {
			free = append(free, i)
		}
	}
	for len(free) > 0 {
		i := pop(&free)
		order = append(order, g.Nodes[i])
		waits[i] = -1
		for _, r := range readers[i] {
			if waits[r]--; waits[r] == 0 {
				push(&free, r)
			}
		}
	}
	if len(order) < len(g.Nodes) {
		return fmt.Errorf("the graph has a cycle: %s", g.cycle(waits, maker))
	}
	g.Nodes = order
	return nil
}

// makers maps each value to the node that makes it, or -1 for an input or a
// constant.
func (g *Graph) makers() (map[string]int, error) {
	maker := make(map[string]int, len(g.Nodes)+len(g.Const))
	for name := range g.Const {
		maker[name] = -1
	}
	for _, v := range g.Inputs {
		if _, ok := maker[v.Name]; ok {
			return nil, fmt.Errorf("input %q is declared twice", v.Name)
		}
		maker[v.Name] = -1
	}
	for i := range g.Nodes {
		for _, out := range g.Nodes[i].Outputs {
			if out == "" {
				continue
			}
			if m, ok := maker[out]; ok {
				other := "an input or a weight of that name"
				if m >= 0 {
					other = g.Nodes[m].Title()
				}
				return nil, fmt.Errorf("value %q is made twice: by %s and by %s", out, other, g.Nodes[i].Title())
			}
			maker[out] = i
		}
	}
	return maker, nil
}

// cycle follows inputs of nodes that still wait until one comes again.
func (g *Graph) cycle(waits []int, maker map[string]int) string {
	at := slices.IndexFunc(waits, func(w int) bool { return w > 0 })
	seen := map[int]int{}
	var path []int
	for {
		if from, ok := seen[at]; ok {
			path = path[from:]
			break
		}
		seen[at] = len(path)
		path = append(path, at)
		for _, in := range g.Nodes[at].Inputs {
			if m, ok := maker[in]; ok && m >= 0 && waits[m] > 0 {
				at = m
				break
			}
		}
	}
	var names []string
	slices.Reverse(path) // in the order of computation
	for i, n := range path {
		if i == 5 && len(path) > 6 {
			names = append(names, "...")
			break
		}
		names = append(names, g.Nodes[n].Title())
	}
	return strings.Join(append(names, g.Nodes[path[0]].Title()), " -> ")
}

// push and pop keep the smallest number on top, a heap.
func push(h *[]int, v int) {
	s := append(*h, v)
	for i := len(s) - 1; i > 0 && s[i] < s[(i-1)/2]; i = (i - 1) / 2 {
		s[i], s[(i-1)/2] = s[(i-1)/2], s[i]
	}
	*h = s
}

func pop(h *[]int) int {
	s := *h
	top := s[0]
	s[0] = s[len(s)-1]
	s = s[:len(s)-1]
	for i := 0; 2*i+1 < len(s); {
		c := 2*i + 1
		if c+1 < len(s) && s[c+1] < s[c] {
			c++
		}
		if s[i] <= s[c] {
			break
		}
		s[i], s[c] = s[c], s[i]
		i = c
	}
	*h = s
	return top
}
