package op

import (
	"fmt"
	"slices"
	"sort"

	"likeness/engine/graph"
	"likeness/engine/kernel"
)

// view is where a tensor lies in the arena: value (y, x, c) is at
// off + y*row + x*px + c.
type view struct {
	off, row, px int
	h, w, c      int
}

func (v view) at(y, x int) int { return v.off + y*v.row + x*v.px }

// dense reports whether rows follow each other without a border.
func (v view) dense() bool { return v.row == v.w*v.px }

// slice is a dense view's part of the arena, padding lanes included.
func (v view) slice(arena []int16) []int16 { return arena[v.off:][:v.h*v.w*v.px] }

// same reports whether two views have one shape.
func (v view) same(w view) bool { return v.h == w.h && v.w == w.w && v.c == w.c }

// step runs one operator. Steps hold no state of a run: several sessions may
// share a plan.
type step interface {
	run(arena []int16)
}

// Plan is the part of a network needed for some layers, ready to run on any
// arena of ArenaLen int16. It is immutable.
type Plan struct {
	steps    []step
	nodes    []int  // index into Graph.Nodes, by step
	views    []view // by tensor; unplaced tensors are zero
	placed   []bool
	arenaLen int
}

// ArenaLen is the number of int16 a run needs.
func (p *Plan) ArenaLen() int { return p.arenaLen }

// Run executes the plan on an arena whose input (see Input) is filled.
func (p *Plan) Run(arena []int16) {
	for _, s := range p.steps {
		s.run(arena)
	}
}

// builder gathers what operators need while a plan is made.
type builder struct {
	g      *graph.Graph
	views  []view
	placed []bool
	zero   int // offset of a region of zeros
	zeros  int // its length
	arena  int // total length so far
	// scratch is where the tensors end: what follows serves each step while it
	// runs.
	scratch int
}

// NewPlan plans the operators that the given tensors depend on. The tensors
// are kept until the end of a run.
func NewPlan(g *graph.Graph, weights map[string]Weights, keep []int) (*Plan, error) {
	need := neededNodes(g, keep)
	var a account
	for name := range weights {
		a.total = sum(a.total, weights[name].bytes)
	}
	b, err := newBuilder(g, need, keep, &a, func(name string) bool { return weights[name].winograd != nil })
	if err != nil {
		return nil, err
	}
	p := &Plan{views: b.views, placed: b.placed}
	for _, i := range need {
		n := &g.Nodes[i]
		s, err := b.resolve(n, weights)
		if err != nil {
			return nil, fmt.Errorf("op: node %q (%s): %w", n.Name, n.Op, err)
		}
		p.steps = append(p.steps, s)
		p.nodes = append(p.nodes, i)
	}
	p.arenaLen = b.arena
	return p, nil
}

// newBuilder places the tensors and adds to the account all that the plan and
// a session of it take. Nothing large is allocated before that is settled.
func newBuilder(g *graph.Graph, need, keep []int, a *account, winograd func(weights string) bool) (*builder, error) {
	b := &builder{g: g, views: make([]view, len(g.Tensors))}
	b.placeZeros(need)
	b.placeInput(need)
	fits := b.place(need, keep)
	var scratch int64
	for _, i := range need {
		n := &g.Nodes[i]
		tables, own := b.planBytes(n, winograd(n.Weights))
		a.add(n, tables)
		scratch = max(scratch, own)
	}
	a.addArena(sum(int64(b.arena), scratch), !fits)
	a.addSession(g, keep)
	if a.total > MaxBytes {
		return nil, a.refuse()
	}
	return b, nil
}

func neededNodes(g *graph.Graph, keep []int) []int {
	wanted := make([]bool, len(g.Tensors))
	for _, t := range keep {
		wanted[t] = true
	}
	var need []int
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		if n := &g.Nodes[i]; wanted[n.Output] {
			need = append(need, i)
			for _, in := range n.Inputs {
				wanted[in] = true
			}
		}
	}
	sort.Ints(need)
	return need
}

// placeZeros reserves what a padding tap reads: the channels of one pixel.
func (b *builder) placeZeros(need []int) {
	b.zeros = 8
	for _, i := range need {
		b.zeros = max(b.zeros, kernel.Pad(b.g.Tensors[b.g.Nodes[i].Inputs[0]].Shape[2]))
	}
	b.arena = b.zeros
}

// inputPx is the channel stride of a packed input picture.
const inputPx = 4

// placeInput gives the picture a place of its own. When only plain
// convolutions read it, it has 4 lanes a pixel and a border of zeros, so that
// each kernel row is one contiguous tap.
func (b *builder) placeInput(need []int) {
	t := b.g.Tensors[0]
	h, w, c := t.Shape[0], t.Shape[1], t.Shape[2]
	var pads [4]int
	packed := true
	for _, i := range need {
		n := &b.g.Nodes[i]
		if !contains(n.Inputs, 0) {
			continue
		}
		packed = packed && n.Op == graph.Conv && n.Groups == 1 && n.Dilation[1] == 1 && c <= inputPx
		for j := range pads {
			pads[j] = max(pads[j], n.Pads[j])
		}
	}
	v := view{h: h, w: w, c: c, px: kernel.Pad(c), row: w * kernel.Pad(c), off: b.arena}
	size := h * v.row
	if packed {
		v.px = inputPx
		v.row = (w + pads[1] + pads[3]) * inputPx
		size = (h+pads[0]+pads[2])*v.row + kernel.Pad(1)
		v.off = b.arena + pads[0]*v.row + pads[1]*inputPx
	}
	b.views[0] = v
	b.arena += kernel.Pad(size)
}

// place puts every other tensor into the arena: largest first, each at the
// lowest place free during its lifetime. It stops and returns false when the
// arena becomes larger than any may be.
func (b *builder) place(need, keep []int) bool {
	type block struct{ tensor, from, to, size, off int }
	blocks := map[int]*block{}
	for at, i := range need {
		n := &b.g.Nodes[i]
		t := b.g.Tensors[n.Output]
		size := t.Shape[0] * t.Shape[1] * kernel.Pad(t.Shape[2])
		blocks[n.Output] = &block{tensor: n.Output, from: at, to: at, size: size}
		for _, in := range n.Inputs {
			if blk := blocks[in]; blk != nil {
				blk.to = at
			}
		}
	}
	for _, t := range keep {
		if blk := blocks[t]; blk != nil {
			blk.to = len(need)
		}
	}
	order := make([]*block, 0, len(blocks))
	for _, blk := range blocks {
		order = append(order, blk)
	}
	sort.Slice(order, func(i, j int) bool {
		if order[i].size != order[j].size {
			return order[i].size > order[j].size
		}
		return order[i].tensor < order[j].tensor
	})
	b.placed = make([]bool, len(b.g.Tensors))
	b.placed[0] = true
	base, end := b.arena, b.arena
	var done []*block // by offset
	for _, blk := range order {
		off := base
		for _, d := range done {
			if d.to < blk.from || blk.to < d.from {
				continue
			}
			if off+blk.size <= d.off {
				break
			}
			off = max(off, d.off+d.size)
		}
		blk.off = off
		at := sort.Search(len(done), func(i int) bool { return done[i].off > off })
		done = slices.Insert(done, at, blk)
		if end = max(end, off+blk.size); end > MaxBytes/2 {
			b.arena = end
			return false
		}
		s := b.g.Tensors[blk.tensor].Shape
		px := kernel.Pad(s[2])
		b.views[blk.tensor] = view{off: off, px: px, row: s[1] * px, h: s[0], w: s[1], c: s[2]}
		b.placed[blk.tensor] = true
	}
	const line = 32 // int16 in a cache line
	b.scratch = (end + line - 1) &^ (line - 1)
	b.arena = b.scratch
	return true
}

func contains(s []int, v int) bool {
	for _, x := range s {
		if x == v {
			return true
		}
	}
	return false
}

// scratchView reserves n int16 for the time a step runs: every step's scratch
// begins at the end of the tensors.
func (b *builder) scratchView(n int) view {
	b.arena = max(b.arena, b.scratch+n)
	return view{off: b.scratch, px: n, row: n, h: 1, w: 1, c: n}
}

// windowTable lists, for each output pixel and tap, the arena offset of the
// input pixel under it; pad answers for taps outside the picture.
func (b *builder) windowTable(n *graph.Node, in, out view, pad func(row []int32, inside int32)) []int32 {
	taps := n.Kernel[0] * n.Kernel[1]
	table := make([]int32, out.h*out.w*taps)
	i := 0
	for y := range out.h {
		for x := range out.w {
			row := table[i:][:taps]
			i += taps
			inside, outside := int32(-1), false
			for t := range row {
				iy := y*n.Stride[0] - n.Pads[0] + t/n.Kernel[1]*n.Dilation[0]
				ix := x*n.Stride[1] - n.Pads[1] + t%n.Kernel[1]*n.Dilation[1]
				if iy < 0 || ix < 0 || iy >= in.h || ix >= in.w {
					row[t] = -1
					outside = true
					continue
				}
				row[t] = int32(in.at(iy, ix))
				inside = row[t]
			}
			if outside {
				pad(row, inside)
			}
		}
	}
	return table
}

// zeroPad points taps outside the picture at the zeros.
func (b *builder) zeroPad(row []int32, _ int32) {
	for t, o := range row {
		if o < 0 {
			row[t] = int32(b.zero)
		}
	}
}
