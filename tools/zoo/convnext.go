package zoo

import (
	"math"
	"strconv"

	"likeness/tools/convert/nd"
)

// convnextTiny is ConvNeXt-T (Liu et al. 2022). Layer normalisation is an
// operator from opset 17 on and written out before.
func convnextTiny(opt Options) (*Net, error) {
	b, x := newBuilder("convnext_tiny", opt, 224)
	f := b.in("features")
	x = f.sub("0").conv("0", x, conv{out: 96, k: 4, stride: 4, bias: true})
	x = f.sub("0").norm2d("1", x)
	for i, width := range []int{96, 192, 384, 768} {
		if i > 0 {
			d := f.sub(strconv.Itoa(2 * i))
			x = d.conv("1", d.norm2d("0", x), conv{out: width, k: 2, stride: 2, bias: true})
		}
		for j := range []int{3, 3, 9, 3}[i] {
			x = convnextBlock(f.sub(strconv.Itoa(2*i+1)).sub(strconv.Itoa(j)), x)
		}
	}
	c := b.in("classifier")
	x = b.top().call("avgpool").globalPool(x)
	x = b.embed(c.call("1").flatten(c.norm2d("0", x)))
	return b.finish(c.linear("2", x, 1000, 1))
}

func convnextBlock(s *scope, x val) val {
	m, c := s.sub("block"), x.shape[1]
	y := m.conv("0", x, conv{out: c, k: 7, pad: 3, groups: c, bias: true})
	y = m.call("1").transpose(y, 0, 2, 3, 1)
	y = m.call("2").layerNorm(y)
	y = m.dense("3", y, 4*c, 2)
	y = m.gelu("4", y)
	y = m.dense("5", y, c, 2)
	y = m.call("6").transpose(y, 0, 3, 1, 2)
	y = s.op("Mul", nil, y.shape, s.weight("layer_scale", normal(0.4, 0.1), c, 1, 1), y.name)
	return s.binary("Add", y, x)
}

func (s *scope) transpose(x val, perm ...int) val {
	shape := make([]int, len(perm))
	for i, p := range perm {
		shape[i] = x.shape[p]
	}
	return s.op("Transpose", map[string]nd.Attr{"perm": nd.Ints(perm...)}, shape, x.name)
}

// norm2d normalises the channels of every pixel: LayerNorm2d.
func (s *scope) norm2d(name string, x val) val {
	m := s.call(name)
	return m.transpose(m.layerNorm(m.transpose(x, 0, 2, 3, 1)), 0, 3, 1, 2)
}

// layerNorm normalises the last dimension.
func (s *scope) layerNorm(x val) val {
	c := x.shape[len(x.shape)-1]
	w, b := s.weight("weight", normal(1, 0.1), c), s.weight("bias", normal(0, 0.1), c)
	if s.b.opt.Opset >= 17 {
		return s.op("LayerNormalization", map[string]nd.Attr{"axis": nd.Int(-1), "epsilon": nd.Float(1e-6)}, x.shape, x.name, w, b)
	}
	one := append(append([]int(nil), x.shape[:len(x.shape)-1]...), 1)
	last := map[string]nd.Attr{"axes": nd.Ints(-1), "keepdims": nd.Int(1)}
	d := s.binary("Sub", x, s.op("ReduceMean", last, one, x.name))
	p := s.op("Pow", nil, x.shape, d.name, s.scalar(2))
	v := s.op("ReduceMean", last, one, p.name)
	v = s.op("Add", nil, one, v.name, s.scalar(1e-6))
	y := s.binary("Div", d, s.point("Sqrt", v))
	y = s.op("Mul", nil, x.shape, y.name, w)
	return s.op("Add", nil, x.shape, y.name, b)
}

// dense is a Linear on the last dimension: MatMul and Add.
func (s *scope) dense(name string, x val, out int, gain float64) val {
	m, in := s.call(name), x.shape[3]
	shape := []int{x.shape[0], x.shape[1], x.shape[2], out}
	y := m.op("MatMul", nil, shape, x.name, m.weight("weight", normal(0, math.Sqrt(gain/float64(in))), in, out))
	return m.op("Add", nil, shape, m.weight("bias", normal(0, 0.02), out), y.name)
}
