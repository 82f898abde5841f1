package zoo

import (
	"math"

	"likeness/tools/convert/nd"
)

// conv describes a convolution; zero values are stride 1, no padding, one
// group, a square kernel.
type conv struct {
	out, k, stride, pad int
	kw, padW            int // when they differ from k and pad
	after               int // further padding below and to the right
	dilation            int
	groups              int
	bias                bool
}

func (s *scope) conv(name string, x val, c conv) val {
	if c.kw == 0 {
		c.kw, c.padW = c.k, c.pad
	}
	c.stride, c.groups, c.dilation = max(c.stride, 1), max(c.groups, 1), max(c.dilation, 1)
	m := s.call(name)
	in := x.shape[1] / c.groups
	inputs := []string{x.name, m.weight("weight", heNormal(in*c.k*c.kw), c.out, in, c.k, c.kw)}
	if c.bias {
		inputs = append(inputs, m.weight("bias", normal(0, 0.02), c.out))
	}
	h := (x.shape[2]+2*c.pad+c.after-c.dilation*(c.k-1)-1)/c.stride + 1
	w := (x.shape[3]+2*c.padW+c.after-c.dilation*(c.kw-1)-1)/c.stride + 1
	return m.op("Conv", map[string]nd.Attr{
		"dilations": nd.Ints(c.dilation, c.dilation), "group": nd.Int(c.groups),
		"kernel_shape": nd.Ints(c.k, c.kw),
		"pads":         nd.Ints(c.pad, c.padW, c.pad+c.after, c.padW+c.after),
		"strides":      nd.Ints(c.stride, c.stride),
	}, []int{1, c.out, h, w}, inputs...)
}

// norm is a batch normalisation; its statistics are measured when the network
// is complete.
func (s *scope) norm(name string, x val, eps float32) val {
	m, c := s.call(name), x.shape[1]
	return m.op("BatchNormalization", map[string]nd.Attr{"epsilon": nd.Float(eps), "momentum": nd.Float(0.9)}, x.shape, x.name,
		m.weight("weight", normal(1, 0.1), c), m.weight("bias", normal(0, 0.1), c),
		m.weight("running_mean", normal(0, 0), c), m.weight("running_var", normal(1, 0), c))
}

// point applies an operator that keeps the shape.
func (s *scope) point(op string, x val) val { return s.op(op, nil, x.shape, x.name) }

func (s *scope) relu(name string, x val) val { return s.call(name).point("Relu", x) }

// relu6 is Clip with its bounds as constants.
func (s *scope) relu6(name string, x val) val {
	m := s.call(name)
	lo, hi := m.scalar(0), m.scalar(6)
	return m.op("Clip", nil, x.shape, x.name, lo, hi)
}

// silu is written by exporters as Sigmoid and Mul.
func (s *scope) silu(name string, x val) val {
	m := s.call(name)
	return m.binary("Mul", x, m.point("Sigmoid", x))
}

// hardSwish is an operator of its own from opset 14 on.
func (s *scope) hardSwish(name string, x val) val {
	m := s.call(name)
	if s.b.opt.Opset >= 14 {
		return m.point("HardSwish", x)
	}
	return m.binary("Mul", x, m.op("HardSigmoid", map[string]nd.Attr{"alpha": nd.Float(1.0 / 6)}, x.shape, x.name))
}

// gelu is written out with the error function.
func (s *scope) gelu(name string, x val) val {
	m := s.call(name)
	d := m.op("Div", nil, x.shape, x.name, m.scalar(math.Sqrt2))
	e := m.point("Erf", d)
	a := m.op("Add", nil, x.shape, e.name, m.scalar(1))
	y := m.binary("Mul", x, a)
	return m.op("Mul", nil, x.shape, y.name, m.scalar(0.5))
}

// binary is an operator of two tensors, of which x has the larger shape.
func (s *scope) binary(op string, x, y val) val { return s.op(op, nil, x.shape, x.name, y.name) }

func (s *scope) concat(parts ...val) val {
	var names []string
	shape := append([]int(nil), parts[0].shape...)
	shape[1] = 0
	for _, p := range parts {
		names = append(names, p.name)
		shape[1] += p.shape[1]
	}
	return s.op("Concat", map[string]nd.Attr{"axis": nd.Int(1)}, shape, names...)
}

// maxPool is called on the scope of its module.
func (s *scope) maxPool(x val, k, stride, pad int, ceil bool) val {
	round, mode := 0, 0
	if ceil {
		round, mode = stride-1, 1
	}
	size := func(n int) int {
		o := (n+2*pad-k+round)/stride + 1
		if ceil && (o-1)*stride >= n+pad {
			o-- // the last window must begin inside
		}
		return o
	}
	return s.op("MaxPool", map[string]nd.Attr{"ceil_mode": nd.Int(mode), "kernel_shape": nd.Ints(k, k),
		"pads": nd.Ints(pad, pad, pad, pad), "strides": nd.Ints(stride, stride)},
		[]int{1, x.shape[1], size(x.shape[2]), size(x.shape[3])}, x.name)
}

// pool1 is a pool of single pixels.
func pool1() map[string]nd.Attr {
	return map[string]nd.Attr{"kernel_shape": nd.Ints(1, 1), "strides": nd.Ints(1, 1)}
}

// avgPool counts the padding, which the exporter writes as Pad.
func (s *scope) avgPool(x val, k, stride, pad int) val {
	if pad > 0 {
		p := int64(pad)
		by := s.ints(0, 0, p, p, 0, 0, p, p)
		x = s.op("Pad", map[string]nd.Attr{"mode": nd.String("constant")},
			[]int{1, x.shape[1], x.shape[2] + 2*pad, x.shape[3] + 2*pad}, x.name, by)
	}
	return s.op("AveragePool", map[string]nd.Attr{"ceil_mode": nd.Int(0), "kernel_shape": nd.Ints(k, k),
		"pads": nd.Ints(0, 0, 0, 0), "strides": nd.Ints(stride, stride)},
		[]int{1, x.shape[1], (x.shape[2]-k)/stride + 1, (x.shape[3]-k)/stride + 1}, x.name)
}

func (s *scope) globalPool(x val) val {
	return s.op("GlobalAveragePool", nil, []int{1, x.shape[1], 1, 1}, x.name)
}

func (s *scope) flatten(x val) val {
	n := 1
	for _, d := range x.shape {
		n *= d
	}
	return s.op("Flatten", map[string]nd.Attr{"axis": nd.Int(1)}, []int{1, n}, x.name)
}

// embed marks the features: what remains without the top.
func (b *builder) embed(x val) val {
	b.embedding = x.name
	return x
}

// linear keeps the size of what it reads, or doubles its power before a
// rectifier.
func (s *scope) linear(name string, x val, out int, gain float64) val {
	m, in := s.call(name), x.shape[1]
	return m.op("Gemm", map[string]nd.Attr{"alpha": nd.Float(1), "beta": nd.Float(1), "transB": nd.Int(1)}, []int{1, out}, x.name,
		m.weight("weight", normal(0, math.Sqrt(gain/float64(in))), out, in), m.weight("bias", normal(0, 0.02), out))
}

// squeeze is squeeze-and-excitation as torchvision's SqueezeExcitation.
func (s *scope) squeeze(name string, x val, mid int, act func(*scope, string, val) val, gate func(*scope, val) val) val {
	m := s.sub(name)
	p := m.call("avgpool").globalPool(x)
	p = act(m, "activation", m.conv("fc1", p, conv{out: mid, k: 1, bias: true}))
	p = m.conv("fc2", p, conv{out: x.shape[1], k: 1, bias: true})
	return m.op("Mul", nil, x.shape, gate(m.call("scale_activation"), p).name, x.name)
}

func sigmoid(s *scope, x val) val { return s.point("Sigmoid", x) }

func hardSigmoid(s *scope, x val) val {
	return s.op("HardSigmoid", map[string]nd.Attr{"alpha": nd.Float(1.0 / 6)}, x.shape, x.name)
}
