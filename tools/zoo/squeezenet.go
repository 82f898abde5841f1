package zoo

import "strconv"

// squeezenet11 is SqueezeNet 1.1 (Iandola et al. 2016). Its features are the
// last feature map, [512, 13, 13]; the classifier is a convolution.
func squeezenet11(opt Options) (*Net, error) {
	b, x := newBuilder("squeezenet1_1", opt, 224)
	f := b.in("features")
	x = f.relu("1", f.conv("0", x, conv{out: 64, k: 3, stride: 2, bias: true}))
	for i, squeeze := range []int{2: 0, 3: 16, 16, 0, 32, 32, 0, 48, 48, 64, 64} {
		switch {
		case i < 2:
		case squeeze == 0:
			x = f.call(strconv.Itoa(i)).maxPool(x, 3, 2, 0, true)
		default:
			x = fire(f.sub(strconv.Itoa(i)), x, squeeze)
		}
	}
	b.embed(x)
	c := b.in("classifier")
	x = c.relu("2", c.conv("1", x, conv{out: 1000, k: 1, bias: true}))
	return b.finish(b.top().flatten(c.call("3").globalPool(x)))
}

func fire(s *scope, x val, squeeze int) val {
	x = s.relu("squeeze_activation", s.conv("squeeze", x, conv{out: squeeze, k: 1, bias: true}))
	a := s.relu("expand1x1_activation", s.conv("expand1x1", x, conv{out: 4 * squeeze, k: 1, bias: true}))
	b := s.relu("expand3x3_activation", s.conv("expand3x3", x, conv{out: 4 * squeeze, k: 3, pad: 1, bias: true}))
	return s.concat(a, b)
}
