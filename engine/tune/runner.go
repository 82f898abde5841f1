package tune

import (
	"fmt"

	"likeness/engine/graph"
	"likeness/engine/internal/op"
	"likeness/engine/model"
	"likeness/engine/tune/float"
)

// runner runs the last part of a model file as the engine does, from the integers
// of a layer on.
type runner struct {
	g     graph.Graph
	plan  *op.Plan
	arena []int16
	place map[int]int // tensors of the file's graph in g
}

// newRunner makes the part of a file from a tensor on that some tensors need.
func newRunner(f *model.File, from int, keep ...int) (*runner, error) {
	r := &runner{place: map[int]int{from: 0}}
	r.g.Tensors = append(r.g.Tensors, f.Graph.Tensors[from])
	weights := map[string]op.Weights{}
	done := map[int]bool{}
	for _, to := range keep {
		for _, i := range float.Part(&f.Graph, from, to) {
			if done[i] {
				continue
			}
			done[i] = true
			n := f.Graph.Nodes[i]
			r.place[n.Output] = len(r.g.Tensors)
			r.g.Tensors = append(r.g.Tensors, f.Graph.Tensors[n.Output])
			inputs := make([]int, len(n.Inputs))
			for k, in := range n.Inputs {
				at, ok := r.place[in]
				if !ok {
					return nil, fmt.Errorf("tune: layer %q reads %q, which is not there", n.Name, f.Graph.Tensors[in].Name)
				}
				inputs[k] = at
			}
			n.Inputs, n.Output = inputs, r.place[n.Output]
			r.g.Nodes = append(r.g.Nodes, n)
		}
	}
	for i := range r.g.Nodes {
		if n := &r.g.Nodes[i]; n.Weights != "" {
			weights[n.Weights] = op.Pack(&r.g, n, f.Params[n.Weights])
		}
	}
	kept := make([]int, len(keep))
	for i, t := range keep {
		kept[i] = r.place[t]
	}
	var err error
	if r.plan, err = op.NewPlan(&r.g, weights, kept); err != nil {
		return nil, err
	}
	r.arena = make([]int16, r.plan.ArenaLen())
	return r, nil
}

// run computes the part from integers [H*W*C].
func (r *runner) run(values []int16) {
	off, row, px := r.plan.Input()
	s := r.g.Tensors[0].Shape
	for y := range s[0] {
		for x := range s[1] {
			copy(r.arena[off+y*row+x*px:][:s[2]], values[(y*s[1]+x)*s[2]:])
		}
	}
	r.plan.Run(r.arena)
}

// pooled is a kept tensor of the file's graph, over all places: the mean, or the
// maximum.
func (r *runner) pooled(t int, most bool) []float64 {
	t = r.place[t]
	values, px := r.plan.Tensor(r.arena, t)
	s := r.g.Tensors[t].Shape
	places := s[0] * s[1]
	out := make([]float64, s[2])
	for c := range out {
		top, sum := int(values[c]), 0
		for p := range places {
			q := int(values[p*px+c])
			top, sum = max(top, q), sum+q
		}
		if out[c] = float64(sum) / float64(places); most {
			out[c] = float64(top)
		}
		out[c] *= float64(r.g.Tensors[t].Scale)
	}
	return out
}
