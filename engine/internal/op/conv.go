package op

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/engine/kernel"
)

// Weights are the packed parameters of one node, shared by all plans.
type Weights struct {
	gemm      []*kernel.GemmWeights // one a group
	requant   []*kernel.Requant
	winograd  *kernel.WinogradWeights // in place of gemm
	depthwise *kernel.DepthwiseWeights
	fc        *kernel.FCWeights
	bytes     int64 // of all this
	// params stays for layouts that pack differently, such as the first layer.
	params graph.Params
}

// Pack reorders the parameters of a Conv or FullyConnected node for this
// machine's kernels; those of other nodes it keeps.
func Pack(g *graph.Graph, n *graph.Node, p graph.Params) Weights {
	if n.FloatParams() {
		return Weights{params: p, bytes: packedBytes(g, n, p, false)}
	}
	s := n.WeightShape(g)
	out := g.Tensors[n.Output]
	scale := make([]float32, len(p.Scale))
	for i, v := range p.Scale {
		scale[i] = g.Multiplier(n, v)
	}
	winograd := useWinograd(g, n, p)
	w := Weights{params: p, bytes: packedBytes(g, n, p, winograd)}
	if n.Op == graph.FullyConnected {
		w.fc = kernel.PackFC(p.Weight, s[0], s[3])
		w.requant = []*kernel.Requant{kernel.NewRequant(p.Bias, scale, out.Lo, out.Hi)}
		return w
	}
	if n.IsDepthwise(g) {
		w.depthwise = kernel.PackDepthwise(p.Weight, s[0], s[1]*s[2])
		w.requant = []*kernel.Requant{kernel.NewRequant(p.Bias, scale, out.Lo, out.Hi)}
		return w
	}
	if winograd {
		w.winograd = kernel.PackWinograd(p.Weight, s[0], s[3])
		w.requant = []*kernel.Requant{kernel.NewRequant(p.Bias, scale, out.Lo, out.Hi).Quadruple()}
		return w
	}
	cols, per := s[0]/n.Groups, s[1]*s[2]*s[3]
	for i := range n.Groups {
		from, to := i*cols, (i+1)*cols
		w.gemm = append(w.gemm, kernel.PackGemm(p.Weight[from*per:to*per], cols, s[1]*s[2], s[3]))
		w.requant = append(w.requant, kernel.NewRequant(p.Bias[from:to], scale[from:to], out.Lo, out.Hi))
	}
	return w
}

type convStep struct {
	w       *kernel.GemmWeights
	rq      *kernel.Requant
	offsets []int32
	out     view
}

func (s *convStep) run(arena []int16) {
	kernel.Gemm(s.out.slice(arena), s.out.px, arena, s.offsets, s.out.h*s.out.w, s.w, s.rq)
}

type depthwiseStep struct {
	w       *kernel.DepthwiseWeights
	rq      *kernel.Requant
	offsets []int32
	out     view
}

func (s *depthwiseStep) run(arena []int16) {
	kernel.Depthwise(s.out.slice(arena), s.out.px, arena, s.offsets, s.out.h*s.out.w, s.w, s.rq)
}

func (b *builder) conv(n *graph.Node, w Weights) (step, error) {
	in, out := b.views[n.Inputs[0]], b.views[n.Output]
	if n.Inputs[0] == 0 && in.px == inputPx {
		return b.firstConv(n, w, in, out)
	}
	if w.winograd != nil {
		return b.winogradConv(n, w, in, out)
	}
	table := b.windowTable(n, in, out, b.zeroPad)
	if err := kernel.CheckOffsets(table, kernel.Pad(in.c), b.arena); err != nil {
		return nil, err
	}
	switch {
	case w.depthwise != nil:
		return &depthwiseStep{w.depthwise, w.requant[0], table, out}, nil
	case n.Groups == 1:
		return &convStep{w.gemm[0], w.requant[0], table, out}, nil
	}
	return b.groupedConv(n, w, table, in, out)
}

// firstConv reads the packed picture: one tap a kernel row, KW*4 values long,
// with zero weights in the fourth lane. The border makes every tap lie inside.
func (b *builder) firstConv(n *graph.Node, w Weights, in, out view) (step, error) {
	s := n.WeightShape(b.g)
	o, kh, kw, c := s[0], s[1], s[2], s[3]
	wide := make([]int8, o*kh*kw*inputPx)
	for i := range o * kh * kw {
		copy(wide[i*inputPx:], w.params.Weight[i*c:(i+1)*c])
	}
	table := make([]int32, 0, out.h*out.w*kh)
	for y := range out.h {
		for x := range out.w {
			for t := range kh {
				table = append(table, int32(in.at(y*n.Stride[0]-n.Pads[0]+t*n.Dilation[0], x*n.Stride[1]-n.Pads[1])))
			}
		}
	}
	if err := kernel.CheckOffsets(table, kw*inputPx, b.arena); err != nil {
		return nil, err
	}
	return &convStep{kernel.PackGemm(wide, o, kh, kw*inputPx), w.requant[0], table, out}, nil
}

// groupedStep computes one group after the other; each group's columns go
// through a scratch tensor, since they need not start at a multiple of 8.
type groupedStep struct {
	w       Weights
	offsets [][]int32 // by group
	scratch view
	out     view
}

func (s *groupedStep) run(arena []int16) {
	rows := s.out.h * s.out.w
	tmp, out := s.scratch.slice(arena), s.out.slice(arena)
	for g, offsets := range s.offsets {
		cols := s.w.gemm[g].Cols()
		kernel.Gemm(tmp, s.scratch.px, arena, offsets, rows, s.w.gemm[g], s.w.requant[g])
		for r := range rows {
			copy(out[r*s.out.px+g*cols:][:cols], tmp[r*s.scratch.px:])
		}
	}
}

func (b *builder) groupedConv(n *graph.Node, w Weights, table []int32, in, out view) (step, error) {
	cols := out.c / n.Groups
	tmp := b.scratchView(out.h * out.w * kernel.Pad(cols))
	tmp = view{off: tmp.off, px: kernel.Pad(cols), row: out.w * kernel.Pad(cols), h: out.h, w: out.w, c: cols}
	st := &groupedStep{w: w, scratch: tmp, out: out}
	for g := range n.Groups {
		offsets := make([]int32, len(table))
		for i, o := range table {
			offsets[i] = o
			if o != int32(b.zero) {
				offsets[i] += int32(g * in.c / n.Groups)
			}
		}
		st.offsets = append(st.offsets, offsets)
		if err := kernel.CheckOffsets(offsets, (in.c/n.Groups+1)&^1, b.arena); err != nil {
			return nil, err
		}
	}
	return st, nil
}

type fcStep struct {
	w       *kernel.FCWeights
	rq      *kernel.Requant
	in, out view
	flat    view // set when the input must lose its padding lanes first
}

func (s *fcStep) run(arena []int16) {
	src := s.in.slice(arena)
	if s.flat.c > 0 {
		src = s.flat.slice(arena)
		copyPixels(src, s.flat.c/(s.in.h*s.in.w), s.in.slice(arena), s.in.px, s.in.h*s.in.w, s.in.c)
	}
	kernel.FullyConnected(s.out.slice(arena), src, s.w, s.rq)
}

func (b *builder) fullyConnected(n *graph.Node, w Weights) (step, error) {
	st := &fcStep{w: w.fc, rq: w.requant[0], in: b.views[n.Inputs[0]], out: b.views[n.Output]}
	if w.fc == nil {
		return nil, fmt.Errorf("weights %q are not packed", n.Weights)
	}
	if st.in.px != st.in.c && st.in.h*st.in.w > 1 {
		elems := st.in.h * st.in.w * st.in.c
		st.flat = b.scratchView(kernel.Pad(elems))
		st.flat.c = elems
	}
	return st, nil
}
