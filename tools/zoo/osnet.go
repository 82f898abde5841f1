package zoo

import "strconv"

// osnetX025 is OSNet x0.25 (Zhou et al. 2019) for person re-identification, as
// torchreid has it, at 256 x 128 pixels. Its features are the 512 values of the
// rectified dense layer.
func osnetX025(opt Options) (*Net, error) {
	b, x := newBuilderOf("osnet_x0_25", opt, 256, 128)
	t := b.top()
	x = t.convNormRelu("conv1", x, conv{out: 16, k: 7, stride: 2, pad: 3})
	x = t.call("maxpool").maxPool(x, 3, 2, 1, false)
	for i, out := range []int{64, 96, 128} {
		s := b.in("conv" + strconv.Itoa(i+2))
		x = omniScale(s.sub("0"), x, out)
		x = omniScale(s.sub("1"), x, out)
		if i < 2 {
			x = s.sub("2").convNormRelu("0", x, conv{out: out, k: 1})
			x = s.sub("2").call("1").avgPool(x, 2, 2, 0)
		}
	}
	x = t.convNormRelu("conv5", x, conv{out: 128, k: 1})
	x = t.flatten(t.call("global_avgpool").globalPool(x))
	f := b.in("fc")
	x = b.embed(f.relu("2", f.norm("1", f.linear("0", x, 512, 2), 1e-5)))
	return b.finish(t.linear("classifier", x, 1000, 1))
}

// omniScale is OSBlock: four chains of one to four light convolutions, weighed by
// one gate that they share.
func omniScale(s *scope, x val, out int) val {
	mid := out / 4
	first := s.convNormRelu("conv1", x, conv{out: mid, k: 1})
	var sum val
	for i, name := range []string{"conv2a", "conv2b", "conv2c", "conv2d"} {
		y, chain := first, s.sub(name)
		for j := range i + 1 {
			c := chain
			if i > 0 {
				c = chain.sub(strconv.Itoa(j))
			}
			y = lightConv(c, y)
		}
		if y = channelGate(s.sub("gate"), y); i > 0 {
			y = s.binary("Add", sum, y)
		}
		sum = y
	}
	y := s.convNorm("conv3", sum, conv{out: out, k: 1})
	if x.shape[1] != out {
		x = s.convNorm("downsample", x, conv{out: out, k: 1})
	}
	return s.point("Relu", s.binary("Add", y, x))
}

// lightConv is LightConv3x3: a linear 1x1, then a depthwise 3x3.
func lightConv(s *scope, x val) val {
	c := x.shape[1]
	y := s.conv("conv2", s.conv("conv1", x, conv{out: c, k: 1}), conv{out: c, k: 3, pad: 1, groups: c})
	return s.relu("relu", s.norm("bn", y, 1e-5))
}

// channelGate is called several times with the same weights.
func channelGate(s *scope, x val) val {
	c := x.shape[1]
	p := s.call("global_avgpool").globalPool(x)
	p = s.relu("relu", s.conv("fc1", p, conv{out: c / 16, k: 1, bias: true}))
	p = s.conv("fc2", p, conv{out: c, k: 1, bias: true})
	return s.binary("Mul", x, s.call("gate_activation").point("Sigmoid", p))
}

func (s *scope) convNorm(name string, x val, c conv) val {
	m := s.sub(name)
	return m.norm("bn", m.conv("conv", x, c), 1e-5)
}

func (s *scope) convNormRelu(name string, x val, c conv) val {
	return s.sub(name).relu("relu", s.convNorm(name, x, c))
}
