package zoo

import "strconv"

// mobileFaceNet is MobileFaceNet (Chen et al. 2018, table 1): a vector of 128
// values of a face of 112 x 112 pixels. It has no classifier.
func mobileFaceNet(opt Options) (*Net, error) {
	b, x := newBuilder("mobilefacenet", opt, 112)
	t := b.top()
	x = t.convNormPrelu("conv1", x, conv{out: 64, k: 3, stride: 2, pad: 1})
	x = t.convNormPrelu("dw_conv1", x, conv{out: 64, k: 3, pad: 1, groups: 64})
	i := 0
	for _, c := range []struct{ expand, out, repeat, stride int }{
		{2, 64, 5, 2}, {4, 128, 1, 2}, {2, 128, 6, 1}, {4, 128, 1, 2}, {2, 128, 2, 1},
	} {
		for j := range c.repeat {
			stride := 1
			if j == 0 {
				stride = c.stride
			}
			s, hidden := b.in("blocks."+strconv.Itoa(i)), c.expand*x.shape[1]
			y := s.convNormPrelu("expand", x, conv{out: hidden, k: 1})
			y = s.convNormPrelu("depthwise", y, conv{out: hidden, k: 3, stride: stride, pad: 1, groups: hidden})
			y = s.convNorm("project", y, conv{out: c.out, k: 1})
			if stride == 1 && c.out == x.shape[1] {
				y = s.binary("Add", x, y)
			}
			x = y
			i++
		}
	}
	x = t.convNormPrelu("conv2", x, conv{out: 512, k: 1})
	x = t.convNorm("linear7", x, conv{out: 512, k: 7, groups: 512})
	x = t.convNorm("linear1", x, conv{out: 128, k: 1})
	return b.finish(b.embed(t.flatten(x)))
}

// convNormPrelu ends in a slope for each channel.
func (s *scope) convNormPrelu(name string, x val, c conv) val {
	x, m := s.convNorm(name, x, c), s.sub(name).call("prelu")
	return m.op("PRelu", nil, x.shape, x.name, m.weight("weight", normal(0.25, 0.05), c.out, 1, 1))
}
