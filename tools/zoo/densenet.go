package zoo

import "strconv"

// densenet121 is DenseNet-121 (Huang et al. 2016): growth 32, bottlenecks of
// 128. Normalisation comes before the rectifier and the convolution, so half
// of it cannot be folded.
func densenet121(opt Options) (*Net, error) {
	b, x := newBuilder("densenet121", opt, 224)
	f := b.in("features")
	x = f.relu("relu0", f.norm("norm0", f.conv("conv0", x, conv{out: 64, k: 7, stride: 2, pad: 3}), 1e-5))
	x = f.call("pool0").maxPool(x, 3, 2, 1, false)
	for i, depth := range []int{6, 12, 24, 16} {
		n := strconv.Itoa(i + 1)
		x = denseBlock(f.sub("denseblock"+n), x, depth)
		if i < 3 {
			t := f.sub("transition" + n)
			x = t.relu("relu", t.norm("norm", x, 1e-5))
			x = t.conv("conv", x, conv{out: x.shape[1] / 2, k: 1})
			x = t.call("pool").avgPool(x, 2, 2, 0)
		}
	}
	t := b.top()
	x = t.point("Relu", f.norm("norm5", x, 1e-5))
	x = b.embed(t.flatten(t.globalPool(x)))
	return b.finish(t.linear("classifier", x, 1000, 1))
}

// denseBlock concatenates what it began with and every layer's output, anew
// for each layer.
func denseBlock(s *scope, x val, depth int) val {
	parts := []val{x}
	for i := range depth {
		l := s.sub("denselayer" + strconv.Itoa(i+1))
		y := l.concat(parts...)
		y = l.relu("relu1", l.norm("norm1", y, 1e-5))
		y = l.relu("relu2", l.norm("norm2", l.conv("conv1", y, conv{out: 128, k: 1}), 1e-5))
		parts = append(parts, l.conv("conv2", y, conv{out: 32, k: 3, pad: 1}))
	}
	return s.concat(parts...)
}
