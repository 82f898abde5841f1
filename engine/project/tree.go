package project

import (
	"math"
	"math/bits"

	"likeness/engine/kernel"
)

// tree holds points in the order of a space-filling curve and, over them, the
// squares or cubes in which they lie, down to those of few points (Barnes and
// Hut 1986).
type tree struct {
	dims  int
	order []int32 // of the points, along the curve
	keys  []uint32
	nodes []node
	// points are the coordinates along the curve, each followed by a weight of
	// 1: sources for the kernel.
	points  []float32
	sources []float32
	stack   []int32
	spareK  []uint32
	spareO  []int32
}

// node is a box that holds the points from..to-1 along the curve. Its children
// follow each other; a node without is a leaf.
type node struct {
	from, to int32
	first    int32
	children int32
	lo, hi   [3]float32 // bounds
	centre   [3]float32
	reach    float32 // the square of the longest side of the bounds
	weight   float32
}

// leafPoints is the number of points up to which a box is not divided. They
// are treated together, in vectors of kernel.RepelLanes.
const leafPoints = 8 * kernel.RepelLanes

// build sorts the points into boxes.
func (t *tree) build(coords []float32, dims int) {
	n := len(coords) / dims
	t.dims = dims
	if len(t.order) != n {
		t.order, t.keys = make([]int32, n), make([]uint32, n)
		t.spareO, t.spareK = make([]int32, n), make([]uint32, n)
		t.points = make([]float32, n*(dims+1))
	}
	t.curve(coords)
	t.sort()
	for at, i := range t.order {
		p := t.points[at*(dims+1):][:dims+1]
		copy(p, coords[int(i)*dims:][:dims])
		p[dims] = 1
	}
	t.nodes = append(t.nodes[:0], node{to: int32(n)})
	t.divide(0)
	for i := len(t.nodes) - 1; i >= 0; i-- {
		t.weigh(&t.nodes[i])
	}
}

// curve numbers the places of the points: the bits of their coordinates
// interleaved (Morton 1966), 16 of each in the plane, 10 in space.
func (t *tree) curve(coords []float32) {
	dims := t.dims
	var lo, hi [3]float32
	copy(lo[:], coords[:dims])
	hi = lo
	for i := 0; i < len(coords); i += dims {
		for d, v := range coords[i:][:dims] {
			lo[d], hi[d] = min(lo[d], v), max(hi[d], v)
		}
	}
	side := max(hi[0]-lo[0], hi[1]-lo[1], hi[2]-lo[2])
	steps := float32(1<<16 - 1)
	if dims == 3 {
		steps = 1<<10 - 1
	}
	scale := float32(0)
	if side > 0 {
		scale = steps / side
	}
	for i := range t.order {
		t.order[i] = int32(i)
		p := coords[i*dims:][:dims]
		if dims == 2 {
			t.keys[i] = spread2(uint32((p[0]-lo[0])*scale)) | spread2(uint32((p[1]-lo[1])*scale))<<1
		} else {
			t.keys[i] = spread3(uint32((p[0]-lo[0])*scale)) | spread3(uint32((p[1]-lo[1])*scale))<<1 | spread3(uint32((p[2]-lo[2])*scale))<<2
		}
	}
}

// spread2 puts a 0 before each of 16 bits.
func spread2(x uint32) uint32 {
	x = min(x, 1<<16-1)
	x = (x | x<<8) & 0x00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f
	x = (x | x<<2) & 0x33333333
	return (x | x<<1) & 0x55555555
}

// spread3 puts two zeros before each of 10 bits.
func spread3(x uint32) uint32 {
	x = min(x, 1<<10-1)
	x = (x | x<<16) & 0x030000ff
	x = (x | x<<8) & 0x0300f00f
	x = (x | x<<4) & 0x030c30c3
	return (x | x<<2) & 0x09249249
}

// sort orders the points by key, those of equal keys by index: by digits of 11
// bits, from the last.
func (t *tree) sort() {
	const digit = 11
	for shift := 0; shift < 32; shift += digit {
		var count [1<<digit + 1]int32
		for _, k := range t.keys {
			count[k>>shift&(1<<digit-1)+1]++
		}
		for d := range 1 << digit {
			count[d+1] += count[d]
		}
		for i, k := range t.keys {
			d := k >> shift & (1<<digit - 1)
			t.spareK[count[d]], t.spareO[count[d]] = k, t.order[i]
			count[d]++
		}
		t.keys, t.spareK = t.spareK, t.keys
		t.order, t.spareO = t.spareO, t.order
	}
}

// divide appends the children of a node, and theirs.
func (t *tree) divide(at int) {
	for ; at < len(t.nodes); at++ {
		n := t.nodes[at]
		if n.to-n.from <= leafPoints {
			continue
		}
		// All keys of the node agree up to the highest bit in which the first and
		// the last differ: levels with one child are left out.
		differ := t.keys[n.from] ^ t.keys[n.to-1]
		if differ == 0 {
			continue
		}
		shift := (31 - bits.LeadingZeros32(differ)) / t.dims * t.dims
		mask := uint32(1)<<t.dims - 1
		first := int32(len(t.nodes))
		for from := n.from; from < n.to; {
			digit := t.keys[from] >> shift & mask
			to := t.endOf(from, n.to, shift, digit)
			t.nodes = append(t.nodes, node{from: from, to: to})
			from = to
		}
		t.nodes[at].first, t.nodes[at].children = first, int32(len(t.nodes))-first
	}
}

// endOf returns where the run of a digit that begins at from ends.
func (t *tree) endOf(from, to int32, shift int, digit uint32) int32 {
	mask := uint32(1)<<t.dims - 1
	lo, hi := from+1, to // the end is in lo..hi
	for lo < hi {
		if mid := (lo + hi) / 2; t.keys[mid]>>shift&mask == digit {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// weigh finds the bounds and the centre of a node whose children are known.
func (t *tree) weigh(n *node) {
	n.weight = float32(n.to - n.from)
	var sum [3]float32
	if n.children > 0 {
		kids := t.nodes[n.first : n.first+n.children]
		n.lo, n.hi = kids[0].lo, kids[0].hi
		for c := range kids {
			k := &kids[c]
			for d := range t.dims {
				n.lo[d], n.hi[d] = min(n.lo[d], k.lo[d]), max(n.hi[d], k.hi[d])
				sum[d] += float32(k.weight * k.centre[d])
			}
		}
	} else {
		step := t.dims + 1
		points := t.points[int(n.from)*step : int(n.to)*step]
		copy(n.lo[:], points[:t.dims])
		n.hi = n.lo
		for ; len(points) > 0; points = points[step:] {
			for d, v := range points[:t.dims] {
				n.lo[d], n.hi[d] = min(n.lo[d], v), max(n.hi[d], v)
				sum[d] += v
			}
		}
	}
	side := float32(0)
	for d := range t.dims {
		n.centre[d] = sum[d] / n.weight
		side = max(side, n.hi[d]-n.lo[d])
	}
	n.reach = float32(side * side)
}

// around lists what acts on the points of a leaf: boxes whose longest side is
// less than an angle times their distance from the bounds of the leaf, as one
// point each, and single points else.
func (t *tree) around(leaf *node, angle float32) []float32 {
	out, stack := t.sources[:0], append(t.stack[:0], 0)
	square := float32(angle * angle)
	dims := t.dims
	for len(stack) > 0 {
		n := &t.nodes[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		far := float32(0)
		for d := range dims {
			gap := max(leaf.lo[d]-n.centre[d], n.centre[d]-leaf.hi[d], 0)
			far += float32(gap * gap)
		}
		if n.reach < float32(square*far) {
			out = append(append(out, n.centre[:dims]...), n.weight)
		} else if n.children == 0 {
			out = append(out, t.points[int(n.from)*(dims+1):int(n.to)*(dims+1)]...)
		} else {
			for c := range n.children {
				stack = append(stack, n.first+c)
			}
		}
	}
	t.sources, t.stack = out, stack
	return out
}

// repel writes the repulsion of each point by all others, times the sum that
// it returns, in the points' own order.
func (t *tree) repel(forces []float32, angle float32) (sum float64) {
	for i := range t.nodes {
		leaf := &t.nodes[i]
		if leaf.children > 0 {
			continue
		}
		sources := t.around(leaf, angle)
		for from := leaf.from; from < leaf.to; from += kernel.RepelLanes {
			count := int(min(kernel.RepelLanes, leaf.to-from))
			order := t.order[from:][:count]
			if t.dims == 2 {
				sum += repelGroup2(forces, t.points[3*from:], order, sources)
			} else {
				sum += repelGroup3(forces, t.points[4*from:], order, sources)
			}
		}
	}
	return math.Max(sum-float64(len(t.order)), 1e-300) // each met itself
}

func repelGroup2(forces, points []float32, order []int32, sources []float32) (sum float64) {
	var p kernel.Points2
	for i := range order {
		p.X[i], p.Y[i] = points[3*i], points[3*i+1]
	}
	kernel.Repel2(&p, sources)
	for i, at := range order {
		forces[2*at], forces[2*at+1] = p.ForceX[i], p.ForceY[i]
		sum += float64(p.Sum[i])
	}
	return sum
}

func repelGroup3(forces, points []float32, order []int32, sources []float32) (sum float64) {
	var p kernel.Points3
	for i := range order {
		p.X[i], p.Y[i], p.Z[i] = points[4*i], points[4*i+1], points[4*i+2]
	}
	kernel.Repel3(&p, sources)
	for i, at := range order {
		forces[3*at], forces[3*at+1], forces[3*at+2] = p.ForceX[i], p.ForceY[i], p.ForceZ[i]
		sum += float64(p.Sum[i])
	}
	return sum
}
