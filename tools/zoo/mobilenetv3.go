package zoo

import "strconv"

// mobilenetV3Large is MobileNetV3-Large (Howard et al. 2019). The features
// are the pooled ones, before the two dense layers of the classifier.
func mobilenetV3Large(opt Options) (*Net, error) {
	b, x := newBuilder("mobilenet_v3_large", opt, 224)
	x, _ = mobilenetV3Features(b.in("features"), x, 1)
	t, h := b.top(), b.in("classifier")
	x = b.embed(t.flatten(t.call("avgpool").globalPool(x)))
	x = h.hardSwish("1", h.linear("0", x, 1280, 2))
	return b.finish(h.linear("3", x, 1000, 1))
}

// mobilenetV3Features are the convolutions. With a dilation the last three blocks
// have it in place of a stride. low is the last tensor at an eighth of the size.
func mobilenetV3Features(f *scope, x val, dilation int) (high, low val) {
	x = convNormAct(f.sub("0"), x, conv{out: 16, k: 3, stride: 2, pad: 1}, 1e-3, (*scope).hardSwish)
	for i, c := range []struct {
		k, expand, out int
		se, swish      bool
		stride         int
	}{
		{3, 16, 16, false, false, 1},
		{3, 64, 24, false, false, 2}, {3, 72, 24, false, false, 1},
		{5, 72, 40, true, false, 2}, {5, 120, 40, true, false, 1}, {5, 120, 40, true, false, 1},
		{3, 240, 80, false, true, 2}, {3, 200, 80, false, true, 1}, {3, 184, 80, false, true, 1}, {3, 184, 80, false, true, 1},
		{3, 480, 112, true, true, 1}, {3, 672, 112, true, true, 1},
		{5, 672, 160, true, true, 2}, {5, 960, 160, true, true, 1}, {5, 960, 160, true, true, 1},
	} {
		act := (*scope).relu
		if c.swish {
			act = (*scope).hardSwish
		}
		s := f.sub(strconv.Itoa(i + 1))
		m, n, y := s.sub("block"), 0, x
		next := func() string { n++; return strconv.Itoa(n - 1) }
		if c.expand != x.shape[1] {
			y = convNormAct(m.sub(next()), y, conv{out: c.expand, k: 1}, 1e-3, act)
		}
		depth := conv{out: c.expand, k: c.k, stride: c.stride, pad: c.k / 2, groups: c.expand}
		if c.out == 160 && dilation > 1 {
			depth.stride, depth.dilation, depth.pad = 1, dilation, c.k/2*dilation
		}
		y = convNormAct(m.sub(next()), y, depth, 1e-3, act)
		if c.se {
			y = m.squeeze(next(), y, divisible(c.expand/4), (*scope).relu, hardSigmoid)
		}
		y = convNormAct(m.sub(next()), y, conv{out: c.out, k: 1}, 1e-3, nil)
		if c.stride == 1 && c.out == x.shape[1] {
			y = s.binary("Add", y, x)
		}
		if x = y; c.k == 5 && c.expand == 72 {
			low = x
		}
	}
	return convNormAct(f.sub("16"), x, conv{out: 960, k: 1}, 1e-3, (*scope).hardSwish), low
}

// convNormAct is torchvision's Conv2dNormActivation.
func convNormAct(s *scope, x val, c conv, eps float32, act func(*scope, string, val) val) val {
	x = s.norm("1", s.conv("0", x, c), eps)
	if act == nil {
		return x
	}
	return act(s, "2", x)
}

// divisible rounds to a multiple of 8, by at most a tenth down.
func divisible(n int) int {
	d := max(8, (n+4)/8*8)
	if 10*d < 9*n {
		d += 8
	}
	return d
}
