package zoo

// inceptionV3 is Inception v3 (Szegedy et al. 2015), 299 pixels, without the
// auxiliary head; its average pools count the padding.
func inceptionV3(opt Options) (*Net, error) {
	b, x := newBuilder("inception_v3", opt, 299)
	t := b.top()
	x = t.basicConv("Conv2d_1a_3x3", x, conv{out: 32, k: 3, stride: 2})
	x = t.basicConv("Conv2d_2a_3x3", x, conv{out: 32, k: 3})
	x = t.basicConv("Conv2d_2b_3x3", x, conv{out: 64, k: 3, pad: 1})
	x = t.call("maxpool1").maxPool(x, 3, 2, 0, false)
	x = t.basicConv("Conv2d_3b_1x1", x, conv{out: 80, k: 1})
	x = t.basicConv("Conv2d_4a_3x3", x, conv{out: 192, k: 3})
	x = t.call("maxpool2").maxPool(x, 3, 2, 0, false)
	x = inceptionA(b.in("Mixed_5b"), x, 32)
	x = inceptionA(b.in("Mixed_5c"), x, 64)
	x = inceptionA(b.in("Mixed_5d"), x, 64)
	x = inceptionB(b.in("Mixed_6a"), x)
	x = inceptionC(b.in("Mixed_6b"), x, 128)
	x = inceptionC(b.in("Mixed_6c"), x, 160)
	x = inceptionC(b.in("Mixed_6d"), x, 160)
	x = inceptionC(b.in("Mixed_6e"), x, 192)
	x = inceptionD(b.in("Mixed_7a"), x)
	x = inceptionE(b.in("Mixed_7b"), x)
	x = inceptionE(b.in("Mixed_7c"), x)
	x = b.embed(t.flatten(t.call("avgpool").globalPool(x)))
	return b.finish(t.linear("fc", x, 1000, 1))
}

// Kernels of one row or one column.
func row(out, k int) conv    { return conv{out: out, k: 1, kw: k, padW: k / 2} }
func column(out, k int) conv { return conv{out: out, k: k, pad: k / 2, kw: 1} }

func inceptionA(s *scope, x val, pool int) val {
	a := s.basicConv("branch1x1", x, conv{out: 64, k: 1})
	b := s.basicConv("branch5x5_1", x, conv{out: 48, k: 1})
	b = s.basicConv("branch5x5_2", b, conv{out: 64, k: 5, pad: 2})
	c := s.basicConv("branch3x3dbl_1", x, conv{out: 64, k: 1})
	c = s.basicConv("branch3x3dbl_2", c, conv{out: 96, k: 3, pad: 1})
	c = s.basicConv("branch3x3dbl_3", c, conv{out: 96, k: 3, pad: 1})
	d := s.basicConv("branch_pool", s.avgPool(x, 3, 1, 1), conv{out: pool, k: 1})
	return s.concat(a, b, c, d)
}

func inceptionB(s *scope, x val) val {
	a := s.basicConv("branch3x3", x, conv{out: 384, k: 3, stride: 2})
	b := s.basicConv("branch3x3dbl_1", x, conv{out: 64, k: 1})
	b = s.basicConv("branch3x3dbl_2", b, conv{out: 96, k: 3, pad: 1})
	b = s.basicConv("branch3x3dbl_3", b, conv{out: 96, k: 3, stride: 2})
	return s.concat(a, b, s.maxPool(x, 3, 2, 0, false))
}

func inceptionC(s *scope, x val, c7 int) val {
	a := s.basicConv("branch1x1", x, conv{out: 192, k: 1})
	b := s.basicConv("branch7x7_1", x, conv{out: c7, k: 1})
	b = s.basicConv("branch7x7_2", b, row(c7, 7))
	b = s.basicConv("branch7x7_3", b, column(192, 7))
	c := s.basicConv("branch7x7dbl_1", x, conv{out: c7, k: 1})
	c = s.basicConv("branch7x7dbl_2", c, column(c7, 7))
	c = s.basicConv("branch7x7dbl_3", c, row(c7, 7))
	c = s.basicConv("branch7x7dbl_4", c, column(c7, 7))
	c = s.basicConv("branch7x7dbl_5", c, row(192, 7))
	d := s.basicConv("branch_pool", s.avgPool(x, 3, 1, 1), conv{out: 192, k: 1})
	return s.concat(a, b, c, d)
}

func inceptionD(s *scope, x val) val {
	a := s.basicConv("branch3x3_1", x, conv{out: 192, k: 1})
	a = s.basicConv("branch3x3_2", a, conv{out: 320, k: 3, stride: 2})
	b := s.basicConv("branch7x7x3_1", x, conv{out: 192, k: 1})
	b = s.basicConv("branch7x7x3_2", b, row(192, 7))
	b = s.basicConv("branch7x7x3_3", b, column(192, 7))
	b = s.basicConv("branch7x7x3_4", b, conv{out: 192, k: 3, stride: 2})
	return s.concat(a, b, s.maxPool(x, 3, 2, 0, false))
}

// inceptionE has forks within its branches; the exporter joins all in one
// Concat.
func inceptionE(s *scope, x val) val {
	a := s.basicConv("branch1x1", x, conv{out: 320, k: 1})
	b := s.basicConv("branch3x3_1", x, conv{out: 384, k: 1})
	b1, b2 := s.basicConv("branch3x3_2a", b, row(384, 3)), s.basicConv("branch3x3_2b", b, column(384, 3))
	c := s.basicConv("branch3x3dbl_1", x, conv{out: 448, k: 1})
	c = s.basicConv("branch3x3dbl_2", c, conv{out: 384, k: 3, pad: 1})
	c1, c2 := s.basicConv("branch3x3dbl_3a", c, row(384, 3)), s.basicConv("branch3x3dbl_3b", c, column(384, 3))
	d := s.basicConv("branch_pool", s.avgPool(x, 3, 1, 1), conv{out: 192, k: 1})
	return s.concat(a, b1, b2, c1, c2, d)
}
