package zoo

import "strconv"

// mobilenetV2 is MobileNetV2 1.0 (Sandler et al. 2018).
func mobilenetV2(opt Options) (*Net, error) {
	b, x := newBuilder("mobilenet_v2", opt, 224)
	f := b.in("features")
	x = convNormClip(f.sub("0"), x, conv{out: 32, k: 3, stride: 2, pad: 1})
	i := 1
	for _, s := range []struct{ expand, out, repeat, stride int }{
		{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1},
	} {
		for j := range s.repeat {
			stride := 1
			if j == 0 {
				stride = s.stride
			}
			x = inverted(f.sub(strconv.Itoa(i)), x, s.expand, s.out, stride)
			i++
		}
	}
	x = convNormClip(f.sub("18"), x, conv{out: 1280, k: 1})
	t := b.top()
	x = b.embed(t.flatten(t.globalPool(x)))
	return b.finish(b.in("classifier").linear("1", x, 1000, 1))
}

func convNormClip(s *scope, x val, c conv) val {
	return s.relu6("2", s.norm("1", s.conv("0", x, c), 1e-5))
}

func inverted(s *scope, x val, expand, out, stride int) val {
	c, i, y, hidden := s.sub("conv"), 0, x, x.shape[1]*expand
	if expand != 1 {
		y = convNormClip(c.sub("0"), y, conv{out: hidden, k: 1})
		i++
	}
	y = convNormClip(c.sub(strconv.Itoa(i)), y, conv{out: hidden, k: 3, stride: stride, pad: 1, groups: hidden})
	y = c.norm(strconv.Itoa(i+2), c.conv(strconv.Itoa(i+1), y, conv{out: out, k: 1}), 1e-5)
	if stride == 1 && out == x.shape[1] {
		return s.binary("Add", x, y)
	}
	return y
}
