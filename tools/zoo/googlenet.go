package zoo

// googlenet is GoogLeNet (Szegedy et al. 2014) as torchvision has it: with
// batch normalisation, 3x3 in place of 5x5, no auxiliary heads.
func googlenet(opt Options) (*Net, error) {
	b, x := newBuilder("googlenet", opt, 224)
	t := b.top()
	x = t.basicConv("conv1", x, conv{out: 64, k: 7, stride: 2, pad: 3})
	x = t.call("maxpool1").maxPool(x, 3, 2, 0, true)
	x = t.basicConv("conv2", x, conv{out: 64, k: 1})
	x = t.basicConv("conv3", x, conv{out: 192, k: 3, pad: 1})
	x = t.call("maxpool2").maxPool(x, 3, 2, 0, true)
	for _, m := range []struct {
		name                         string
		c1, c3r, c3, c5r, c5, c4Pool int
	}{
		{"3a", 64, 96, 128, 16, 32, 32}, {"3b", 128, 128, 192, 32, 96, 64}, {name: "maxpool3"},
		{"4a", 192, 96, 208, 16, 48, 64}, {"4b", 160, 112, 224, 24, 64, 64}, {"4c", 128, 128, 256, 24, 64, 64},
		{"4d", 112, 144, 288, 32, 64, 64}, {"4e", 256, 160, 320, 32, 128, 128}, {name: "maxpool4"},
		{"5a", 256, 160, 320, 32, 128, 128}, {"5b", 384, 192, 384, 48, 128, 128},
	} {
		switch m.name {
		case "maxpool3":
			x = t.call(m.name).maxPool(x, 3, 2, 0, true)
			continue
		case "maxpool4":
			x = t.call(m.name).maxPool(x, 2, 2, 0, true)
			continue
		}
		s := b.in("inception" + m.name)
		b1 := s.basicConv("branch1", x, conv{out: m.c1, k: 1})
		s2, s3, s4 := s.sub("branch2"), s.sub("branch3"), s.sub("branch4")
		b2 := s2.basicConv("1", s2.basicConv("0", x, conv{out: m.c3r, k: 1}), conv{out: m.c3, k: 3, pad: 1})
		b3 := s3.basicConv("1", s3.basicConv("0", x, conv{out: m.c5r, k: 1}), conv{out: m.c5, k: 3, pad: 1})
		b4 := s4.basicConv("1", s4.call("0").maxPool(x, 3, 1, 1, true), conv{out: m.c4Pool, k: 1})
		x = s.concat(b1, b2, b3, b4)
	}
	x = b.embed(t.flatten(t.call("avgpool").globalPool(x)))
	return b.finish(t.linear("fc", x, 1000, 1))
}

// basicConv is BasicConv2d of torchvision's inception networks.
func (s *scope) basicConv(name string, x val, c conv) val {
	m := s.sub(name)
	return m.point("Relu", m.norm("bn", m.conv("conv", x, c), 1e-3))
}
