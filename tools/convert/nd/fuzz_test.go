package nd

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// script draws the parts of a node from bytes; past their end it draws zeros.
type script struct{ b []byte }

func (s *script) next() int {
	if len(s.b) == 0 {
		return 0
	}
	v := s.b[0]
	s.b = s.b[1:]
	return int(v)
}

// number is mostly small, and sometimes as large as it can be.
func (s *script) number() int {
	switch v := s.next(); v {
	case 255:
		return 1<<63 - 1
	case 254:
		return -1 << 63
	case 253:
		return 1 << 31
	default:
		return v%12 - 3
	}
}

func (s *script) numbers() []int {
	v := make([]int, s.next()%9)
	for i := range v {
		v[i] = s.number()
	}
	return v
}

// tensor has up to five dimensions of up to four.
func (s *script) tensor() *Tensor {
	typ := []Type{Float32, Float32, Float16, Int64, Int64, Int32, Uint8, Int8, Bool, Uint64}[s.next()%10]
	shape := make([]int, s.next()%6)
	for i := range shape {
		shape[i] = []int{1, 2, 3, 4, 0, 1, 2, 3}[s.next()%8]
	}
	return s.filled(typ, shape...)
}

func (s *script) filled(typ Type, shape ...int) *Tensor {
	t := New(typ, shape)
	for i := range t.F {
		t.F[i] = float32(s.number()) / 4
	}
	for i := range t.I {
		t.I[i] = Wrap(typ, int64(s.number()))
	}
	return t
}

var fuzzTexts = map[string][]string{
	"auto_pad":                       {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"},
	"mode":                           {"constant", "reflect", "edge", "wrap", "nearest", "linear", "cubic", "DCR", "CRD"},
	"coordinate_transformation_mode": {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", "half_pixel_symmetric"},
	"nearest_mode":                   {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"},
	"approximate":                    {"none", "tanh"},
	"keep_aspect_ratio_policy":       {"stretch"},
}

func (s *script) attr(name string) Attr {
	if texts := fuzzTexts[name]; texts != nil {
		return String(texts[s.next()%len(texts)])
	}
	switch name {
	case "axes", "pads", "strides", "kernel_shape", "dilations", "perm", "starts", "ends", "split", "value_ints":
		return Ints(s.numbers()...)
	case "alpha", "beta", "gamma", "epsilon", "ratio", "momentum", "lambd", "bias", "value_float", "cubic_coeff_a", "extrapolation_value":
		return Float(float32(s.number()) / 2)
	case "scales", "value_floats":
		var f []float32
		for _, v := range s.numbers() {
			f = append(f, float32(v)/2)
		}
		return Floats(f...)
	case "value":
		return TensorAttr(s.tensor())
	}
	return Int(s.number())
}

// node draws one node of a supported operator, with its inputs.
func (s *script) node() (*Node, int, []*Tensor) {
	names := slices.Sorted(maps.Keys(operators))
	name := names[s.next()%len(names)]
	op := operators[name]
	n := &Node{Op: name, Attrs: map[string]Attr{}}
	if domain, base, ok := strings.Cut(name, ".Q"); ok {
		n.Domain, n.Op = domain, "Q"+base
	}
	opset := 7 + s.next()%15
	present := s.next()
	for i, a := range strings.Fields(op.attrs) {
		if a, _, _ = strings.Cut(a, "<"); present>>(i%8)&1 != 0 {
			n.Attrs[a] = s.attr(a)
		}
	}
	in := make([]*Tensor, min(op.in+s.next()%4, op.most, 9))
	for i := range in {
		if absent := s.next() == 7; !absent {
			in[i] = s.tensor()
		}
	}
	if s.next()%4 != 3 {
		in = s.mould(n, in)
	}
	n.Inputs = n.Inputs[:0]
	for i, x := range in {
		n.Inputs = append(n.Inputs, "")
		if x != nil {
			n.Inputs[i] = "x" + string(rune('0'+i))
		}
	}
	for i := range min(1+s.next()%3, op.outs) {
		n.Outputs = append(n.Outputs, "y"+string(rune('0'+i)))
	}
	return n, opset, in
}

// few draws n numbers from lo to lo+3.
func (s *script) few(n, lo int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = lo + s.next()%4
	}
	return v
}

// mould gives the operators whose inputs must fit each other inputs that do:
// chance finds them too rarely.
func (s *script) mould(n *Node, in []*Tensor) []*Tensor {
	x := s.few(4, 1)
	ch := x[1]
	spatial := func() {
		n.Attrs["strides"], n.Attrs["dilations"], n.Attrs["pads"] = Ints(s.few(2, 1)...), Ints(s.few(2, 1)...), Ints(s.few(4, 0)...)
		if s.next()%4 == 3 {
			n.Attrs["auto_pad"] = s.attr("auto_pad")
			delete(n.Attrs, "pads")
		}
		delete(n.Attrs, "kernel_shape")
	}
	weights := func() []int {
		spatial()
		groups, m := 1, 1+s.next()%4
		if s.next()%2 == 1 {
			groups, m = ch, ch*(1+s.next()%2)
		}
		n.Attrs["group"] = Int(groups)
		return append([]int{m, ch / groups}, s.few(2, 1)...)
	}
	bytes := []Type{Int8, Uint8}[s.next()%2]
	one := func(t Type) *Tensor { return s.filled(t) }
	each := func(k int) *Tensor { return s.filled(Float32, k) }
	switch n.key() {
	case "BatchNormalization":
		delete(n.Attrs, "training_mode")
		return []*Tensor{s.filled(Float32, x...), each(ch), each(ch), each(ch), each(ch)}
	case "InstanceNormalization", "GroupNormalization":
		if n.Op[0] == 'G' {
			n.Attrs["num_groups"] = Int(ch)
		}
		return []*Tensor{s.filled(Float32, x...), each(ch), each(ch)}
	case "MaxPool", "AveragePool":
		spatial()
		n.Attrs["kernel_shape"] = Ints(s.few(2, 1)...)
		return []*Tensor{s.filled(Float32, x...)}
	case "Conv":
		w := weights()
		return []*Tensor{s.filled(Float32, x...), s.filled(Float32, w...), each(w[0])}
	case "ConvInteger":
		w := weights()
		return []*Tensor{s.filled(bytes, x...), s.filled(bytes, w...), one(bytes), s.filled(bytes, w[0])}
	case "QLinearConv":
		w := weights()
		return []*Tensor{s.filled(bytes, x...), one(Float32), one(bytes), s.filled(bytes, w...), each(w[0]), s.filled(bytes, w[0]), one(Float32), one(bytes), s.filled(Int32, w[0])}
	case "QLinearMatMul", "com.microsoft.QLinearAdd", "com.microsoft.QLinearMul":
		return []*Tensor{s.filled(bytes, x[0], ch), one(Float32), one(bytes), s.filled(bytes, ch, ch), one(Float32), one(bytes), one(Float32), one(bytes)}
	case "com.microsoft.QLinearGlobalAveragePool":
		return []*Tensor{s.filled(bytes, x...), one(Float32), one(bytes), one(Float32), one(bytes)}
	case "com.microsoft.QLinearConcat":
		n.Attrs["axis"] = Int(1)
		return []*Tensor{one(Float32), one(bytes), s.filled(bytes, x...), one(Float32), one(bytes), s.filled(bytes, x...), one(Float32), one(bytes)}
	}
	return in
}

// FuzzRun runs single nodes of any operator, with attributes and inputs that
// fit or do not. Nothing may panic; what runs must have the shapes that are
// inferred, whether the inputs' values are known or (if that suffices) not.
func FuzzRun(f *testing.F) {
	for i := range len(operators) {
		f.Add([]byte{byte(i), 6, 0, 0, 1, 0, 4, 0, 1, 2, 2, 5, 6, 7, 8, 5, 6, 7, 8})
		f.Add([]byte{byte(i), 14, 255, 3, 4, 4, 4, 4, 2, 5, 5})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &script{data}
		n, opset, in := s.node()
		infos, blind := make([]*Info, len(in)), make([]*Info, len(in))
		for i, x := range in {
			if x != nil {
				infos[i] = &Info{x.Type, x.Shape, x}
				blind[i] = &Info{x.Type, x.Shape, nil}
			}
		}
		op, c, err := resolve(n, opset, infos)
		_, b, blindErr := resolve(n, opset, blind)
		if err != nil {
			return
		}
		for i := range c.out {
			if Elems(c.out[i].Shape) > 1<<16 {
				return
			}
			if blindErr == nil && (b.out[i].Type != c.out[i].Type || !slices.Equal(b.out[i].Shape, c.out[i].Shape)) {
				t.Fatalf("%s: inferred %s %v with values, %s %v without", n.Title(), c.out[i].Type, c.out[i].Shape, b.out[i].Type, b.out[i].Shape)
			}
		}
		if err := run(op, c); err != nil {
			return
		}
		for i := range c.out {
			if err := c.out[i].Value.check(); err != nil || !slices.Equal(c.out[i].Value.Shape, c.out[i].Shape) {
				t.Fatalf("%s: output %d: %v, shape %v inferred as %v", n.Title(), i, err, c.out[i].Value.Shape, c.out[i].Shape)
			}
		}
	})
}
