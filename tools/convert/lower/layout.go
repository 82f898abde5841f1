package lower

import (
	"fmt"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
)

// atom is an axis of a tensor, or a factor of one after a reshape has split
// it. An atom of size 1 is never kept.
type atom struct{ id, size int }

// view says how a value of the graph that was read lies in a tensor of the
// network. A value's axes are products of atoms, slowest first, and phys is the
// order of the same atoms in memory, which is H, W, C. Reshapes and transposes
// only rewrite a view; nothing moves until an operator asks for another order
// in memory.
type view struct {
	t    int      // tensor of the network
	phys []atom   // in memory, slowest first
	dims [][]atom // by axis of the value; an axis of length 1 has none
}

func elems(atoms []atom) int {
	n := 1
	for _, a := range atoms {
		n *= a.size
	}
	return n
}

// shape is the value's shape.
func (v *view) shape() []int {
	s := make([]int, len(v.dims))
	for i, d := range v.dims {
		s[i] = elems(d)
	}
	return s
}

func (v *view) clone() *view {
	c := &view{t: v.t, phys: slices.Clone(v.phys), dims: make([][]atom, len(v.dims))}
	for i, d := range v.dims {
		c.dims[i] = slices.Clone(d)
	}
	return c
}

// onto is the same view of another tensor.
func (v *view) onto(t int) *view {
	c := v.clone()
	c.t = t
	return c
}

// flat lists the atoms in the value's own order.
func (v *view) flat() []atom { return slices.Concat(v.dims...) }

// split cuts an atom into two, the slower one of the given size, wherever it
// appears.
func (v *view) split(id, slow int) {
	next := 0
	for _, a := range v.phys {
		next = max(next, a.id+1)
	}
	cut := func(atoms []atom) []atom {
		i := slices.IndexFunc(atoms, func(a atom) bool { return a.id == id })
		if i < 0 {
			return atoms
		}
		return slices.Replace(slices.Clone(atoms), i, i+1, atom{id, slow}, atom{next, atoms[i].size / slow})
	}
	v.phys = cut(v.phys)
	for i := range v.dims {
		v.dims[i] = cut(v.dims[i])
	}
}

// reshape gives the value another shape of as many elements. It fails where an
// axis would have to be cut at a place that is not a factor.
func (v *view) reshape(shape []int) (*view, error) {
	out := v.clone()
	from := v.shape()
	for again := true; again; {
		again = false
		seq := out.flat()
		dims, at := make([][]atom, len(shape)), 0
		for i, want := range shape {
			for want > 1 {
				if at == len(seq) {
					return nil, fmt.Errorf("shape %v cannot become %v", from, shape)
				}
				a := seq[at]
				if want%a.size != 0 {
					if a.size%want != 0 {
						return nil, fmt.Errorf("reshaping %v to %v cuts an axis of %d at %d", from, shape, a.size, want)
					}
					out.split(a.id, want)
					again = true
					break
				}
				dims[i] = append(dims[i], a)
				want /= a.size
				at++
			}
			if again {
				break
			}
		}
		if !again {
			if at != len(seq) {
				return nil, fmt.Errorf("shape %v cannot become %v", from, shape)
			}
			out.dims = dims
		}
	}
	return out, nil
}

// transpose puts the value's axes into another order.
func (v *view) transpose(perm []int) *view {
	out := v.clone()
	for i, p := range perm {
		out.dims[i] = slices.Clone(v.dims[p])
	}
	return out
}

// channels are the atoms of v's tensor that lie within a pixel.
func (v *view) channels(shape [3]int) []atom {
	n, i := 1, len(v.phys)
	for i > 0 && n < shape[2] {
		i--
		n *= v.phys[i].size
	}
	return v.phys[i:]
}

// order lists, for each position of the atoms "to" counted slowest first, the
// position of the same element in the order "from" of the same atoms.
func order(from, to []atom) []int {
	stride := make(map[int]int, len(from))
	step := 1
	for i := len(from) - 1; i >= 0; i-- {
		stride[from[i].id] = step
		step *= from[i].size
	}
	out := []int{0}
	for _, a := range to {
		next := make([]int, 0, len(out)*a.size)
		for _, base := range out {
			for k := range a.size {
				next = append(next, base+k*stride[a.id])
			}
		}
		out = next
	}
	return out
}

// picture is the view of a fresh tensor [H, W, C] as a value whose axes are
// the given letters of N, C, H and W.
func pictureView(t int, shape [3]int, axes string) *view {
	v := &view{t: t}
	byLetter := map[rune][]atom{}
	for i, letter := range "HWC" {
		if shape[i] > 1 {
			a := atom{i, shape[i]}
			v.phys = append(v.phys, a)
			byLetter[letter] = []atom{a}
		}
	}
	for _, letter := range axes {
		v.dims = append(v.dims, byLetter[letter])
	}
	return v
}

// sameOrder reports whether two lists hold the same atoms in the same order.
func sameOrder(a, b []atom) bool { return slices.Equal(a, b) }

// sameSet reports whether two lists hold the same atoms.
func sameSet(a, b []atom) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

// shapeRule runs the engine's own shape limits early.
func shapeRule(shape [3]int) error {
	if err := float.CheckShape(shape); err != nil {
		return err
	}
	if shape[0] > graph.MaxDim || shape[1] > graph.MaxDim {
		return fmt.Errorf("shape %v has a side above %d", shape, graph.MaxDim)
	}
	return nil
}
