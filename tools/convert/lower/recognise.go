package lower

import (
	"math"
	"slices"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
	"likeness/tools/convert/nd"
)

// ownDomain marks nodes that recognise has put in place of others.
const ownDomain = "likeness"

// recognise replaces spellings of one operator in several by that operator: an
// activation function written out in products, quotients and clamps, and layer
// normalisation in means and roots. The nodes between stay; needed drops those
// that nobody reads.
func recognise(g *nd.Graph, nodes []nd.Node) []nd.Node {
	nodes = slices.Clone(nodes)
	scalars := scalarsOf(g, nodes)
	recogniseNorms(nodes, scalars)
	recogniseUnits(g, nodes, scalars)
	recogniseFunctions(nodes, scalars)
	return nodes
}

// scalarsOf collects the constants of one value.
func scalarsOf(g *nd.Graph, nodes []nd.Node) map[string]float64 {
	out := map[string]float64{}
	add := func(name string, t *nd.Tensor) {
		switch {
		case t == nil || nd.Elems(t.Shape) != 1:
		case len(t.F) == 1:
			out[name] = float64(t.F[0])
		case len(t.I) == 1:
			out[name] = float64(t.I[0])
		}
	}
	for name, t := range g.Const {
		add(name, t)
	}
	for _, n := range nodes {
		switch n.Op {
		case "Constant":
			if a, ok := n.Attrs["value_float"]; ok {
				out[n.Outputs[0]] = float64(a.Float)
			}
			add(n.Outputs[0], n.Attrs["value"].Tensor)
		case "Identity", "Cast":
			if v, ok := out[n.Inputs[0]]; ok {
				out[n.Outputs[0]] = v
			}
		}
	}
	return out
}

// sampleGrid are the arguments at which functions are compared.
var sampleGrid = func() (x []float64) {
	for i := -80; i <= 80; i++ {
		x = append(x, float64(i)/10+0.013)
	}
	return x
}()

// knownFunctions are those that a chain of operators may spell.
var knownFunctions = []string{graph.HardSwish, graph.SiLU, graph.GELU, graph.GELUTanh, graph.Mish, graph.HardSigmoid,
	graph.Softplus, graph.Sigmoid, graph.Tanh}

// sampled is a value as a function of an earlier one.
type sampled struct {
	root  string
	depth int
	y     []float64
}

const (
	sampledDepth = 12
	sampledRoots = 8
)

// recogniseFunctions samples every chain of element-wise operators on one
// value and compares it with the functions of the engine: no pattern for each
// way to write one.
func recogniseFunctions(nodes []nd.Node, scalars map[string]float64) {
	known := make([][]float64, len(knownFunctions))
	for i, fn := range knownFunctions {
		for _, x := range sampleGrid {
			known[i] = append(known[i], float.Activate(fn, 1.0/6, 0.5, x))
		}
	}
	chains := map[string][]sampled{}
	at := func(name string) []sampled {
		return append([]sampled{{name, 0, sampleGrid}}, chains[name]...)
	}
	last := map[string]int{} // the last reader of each value
	for i := range nodes {
		for _, in := range nodes[i].Inputs {
			last[in] = i
		}
	}
	var before []string // what the node before read
	for i := range nodes {
		for _, in := range before {
			if last[in] < i {
				delete(chains, in)
			}
		}
		n := &nodes[i]
		before = n.Inputs
		if n.Domain != "" || len(n.Outputs) != 1 || len(n.Inputs) == 0 {
			continue
		}
		found := chainOf(n, at, scalars)
		if len(found) > sampledRoots {
			found = found[:sampledRoots]
		}
		out := n.Outputs[0]
		chains[out] = found
		for _, s := range slices.Backward(found) { // the longest first
			if k := slices.IndexFunc(known, func(y []float64) bool { return equalSamples(s.y, y) }); k >= 0 && s.depth > 1 {
				nodes[i] = nd.Node{Op: "Activation", Domain: ownDomain, Name: n.Name, Inputs: []string{s.root}, Outputs: n.Outputs,
					Attrs: map[string]nd.Attr{"fn": nd.String(knownFunctions[k])}}
				break
			}
		}
	}
}

func equalSamples(a, b []float64) bool {
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= 3e-5*max(1, math.Abs(b[i]))) {
			return false
		}
	}
	return true
}

// chainOf samples a node's result as a function of each value that it depends
// on through element-wise operators alone, nearest first.
func chainOf(n *nd.Node, at func(string) []sampled, scalars map[string]float64) (out []sampled) {
	constant := func(i int) (float64, bool) {
		if i >= len(n.Inputs) {
			return 0, false
		}
		v, ok := scalars[n.Inputs[i]]
		return v, ok
	}
	each := func(in []sampled, f func(x float64) float64) {
		for _, s := range in {
			if s.depth >= sampledDepth {
				continue
			}
			y := make([]float64, len(s.y))
			for i, x := range s.y {
				y[i] = f(x)
			}
			out = append(out, sampled{s.root, s.depth + 1, y})
		}
	}
	if f := unaryFloat(n, constant); f != nil {
		each(at(n.Inputs[0]), f)
		return out
	}
	f, ok := binaryFloats[n.Op]
	if !ok || len(n.Inputs) != 2 {
		return nil
	}
	if c, ok := constant(1); ok {
		each(at(n.Inputs[0]), func(x float64) float64 { return f(x, c) })
	} else if c, ok := constant(0); ok {
		each(at(n.Inputs[1]), func(x float64) float64 { return f(c, x) })
	} else {
		b := at(n.Inputs[1])
		for _, s := range at(n.Inputs[0]) {
			k := slices.IndexFunc(b, func(o sampled) bool { return o.root == s.root })
			if k < 0 || max(s.depth, b[k].depth) >= sampledDepth {
				continue
			}
			y := make([]float64, len(s.y))
			for i := range y {
				y[i] = f(s.y[i], b[k].y[i])
			}
			out = append(out, sampled{s.root, max(s.depth, b[k].depth) + 1, y})
		}
	}
	return out
}

var binaryFloats = map[string]func(a, b float64) float64{
	"Add": func(a, b float64) float64 { return a + b }, "Sub": func(a, b float64) float64 { return a - b },
	"Mul": func(a, b float64) float64 { return a * b }, "Div": func(a, b float64) float64 { return a / b },
	"Pow": math.Pow, "Min": math.Min, "Max": math.Max,
}

// unaryFloat is the function of a node with one input that varies.
func unaryFloat(n *nd.Node, constant func(int) (float64, bool)) func(float64) float64 {
	switch n.Op {
	case "Identity", "Dropout":
		return func(x float64) float64 { return x }
	case "Relu":
		return func(x float64) float64 { return max(x, 0) }
	case "Sigmoid":
		return func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	case "HardSigmoid":
		a, b := floatAttr(n, "alpha", 0.2), floatAttr(n, "beta", 0.5)
		return func(x float64) float64 { return min(max(a*x+b, 0), 1) }
	case "Tanh":
		return math.Tanh
	case "Erf":
		return math.Erf
	case "Exp":
		return math.Exp
	case "Log":
		return math.Log
	case "Softplus":
		return func(x float64) float64 { return math.Log1p(math.Exp(x)) }
	case "Neg":
		return func(x float64) float64 { return -x }
	case "Reciprocal":
		return func(x float64) float64 { return 1 / x }
	case "Clip":
		lo, hi := floatAttr(n, "min", math.Inf(-1)), floatAttr(n, "max", math.Inf(1))
		if v, ok := constant(1); ok {
			lo = v
		}
		if v, ok := constant(2); ok {
			hi = v
		}
		return func(x float64) float64 { return min(max(x, lo), hi) }
	}
	return nil
}

// recogniseNorms replaces (x - mean) / sqrt(mean((x - mean)^2) + eps), with
// means over the same axes, by LayerNormalization without scale and shift.
func recogniseNorms(nodes []nd.Node, scalars map[string]float64) {
	maker := map[string]*nd.Node{}
	for i := range nodes {
		for _, out := range nodes[i].Outputs {
			maker[out] = &nodes[i]
		}
	}
	is := func(name, op string) *nd.Node {
		if n := maker[name]; n != nil && n.Op == op && n.Domain == "" {
			return n
		}
		return nil
	}
	for i := range nodes {
		div := &nodes[i]
		if div.Op != "Div" || len(div.Inputs) != 2 {
			continue
		}
		root := is(div.Inputs[1], "Sqrt")
		if root == nil {
			continue
		}
		sum := is(root.Inputs[0], "Add")
		if sum == nil {
			continue
		}
		eps, ok := scalars[sum.Inputs[1]]
		mean := is(sum.Inputs[0], "ReduceMean")
		if !ok || mean == nil {
			continue
		}
		d, square := div.Inputs[0], maker[mean.Inputs[0]]
		if square == nil || !(square.Op == "Pow" && scalars[square.Inputs[1]] == 2 || square.Op == "Mul" && square.Inputs[0] == square.Inputs[1]) {
			continue
		}
		// Exporters subtract twice, once for the square.
		sub, other := is(d, "Sub"), is(square.Inputs[0], "Sub")
		if sub == nil || other == nil || sub.Inputs[0] != other.Inputs[0] {
			continue
		}
		m, m2 := is(sub.Inputs[1], "ReduceMean"), is(other.Inputs[1], "ReduceMean")
		if m == nil || m2 == nil || m.Inputs[0] != sub.Inputs[0] || m2.Inputs[0] != sub.Inputs[0] {
			continue
		}
		axes, a2 := intsAttr(mean, "axes"), intsAttr(m, "axes")
		if len(axes) != 1 || !slices.Equal(axes, a2) {
			continue
		}
		nodes[i] = nd.Node{Op: "Normalise", Domain: ownDomain, Name: div.Name, Inputs: []string{sub.Inputs[0]}, Outputs: div.Outputs,
			Attrs: map[string]nd.Attr{"axis": nd.Int(axes[0]), "epsilon": nd.Float(float32(eps))}}
	}
}
