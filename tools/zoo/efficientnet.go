package zoo

import "strconv"

// efficientnetB0 is EfficientNet-B0 (Tan and Le 2019).
func efficientnetB0(opt Options) (*Net, error) {
	b, x := newBuilder("efficientnet_b0", opt, 224)
	f := b.in("features")
	x = convNormAct(f.sub("0"), x, conv{out: 32, k: 3, stride: 2, pad: 1}, 1e-5, (*scope).silu)
	for i, c := range []struct{ expand, k, stride, out, repeat int }{
		{1, 3, 1, 16, 1}, {6, 3, 2, 24, 2}, {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3}, {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1},
	} {
		for j := range c.repeat {
			stride := 1
			if j == 0 {
				stride = c.stride
			}
			x = mbConv(f.sub(strconv.Itoa(i+1)).sub(strconv.Itoa(j)), x, c.expand, c.k, stride, c.out)
		}
	}
	x = convNormAct(f.sub("8"), x, conv{out: 1280, k: 1}, 1e-5, (*scope).silu)
	t := b.top()
	x = b.embed(t.flatten(t.call("avgpool").globalPool(x)))
	return b.finish(b.in("classifier").linear("1", x, 1000, 1))
}

func mbConv(s *scope, x val, expand, k, stride, out int) val {
	m, n, y, hidden := s.sub("block"), 0, x, x.shape[1]*expand
	next := func() string { n++; return strconv.Itoa(n - 1) }
	if expand != 1 {
		y = convNormAct(m.sub(next()), y, conv{out: hidden, k: 1}, 1e-5, (*scope).silu)
	}
	y = convNormAct(m.sub(next()), y, conv{out: hidden, k: k, stride: stride, pad: k / 2, groups: hidden}, 1e-5, (*scope).silu)
	y = m.squeeze(next(), y, max(1, x.shape[1]/4), (*scope).silu, sigmoid)
	y = convNormAct(m.sub(next()), y, conv{out: out, k: 1}, 1e-5, nil)
	if stride == 1 && out == x.shape[1] {
		return s.binary("Add", y, x)
	}
	return y
}
