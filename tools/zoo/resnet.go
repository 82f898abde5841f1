package zoo

import "strconv"

// resnet18 and resnet50 (He et al. 2015); stride 2 is on the 3x3 convolution
// of a bottleneck, as in torchvision.
func resnet18(opt Options) (*Net, error) {
	return resnet("resnet18", opt, [4]int{2, 2, 2, 2}, basicBlock)
}

func resnet50(opt Options) (*Net, error) {
	return resnet("resnet50", opt, [4]int{3, 4, 6, 3}, bottleneck)
}

func resnet(name string, opt Options, depths [4]int, block func(*scope, val, int, int) val) (*Net, error) {
	b, x := newBuilder(name, opt, 224)
	t := b.top()
	x = t.relu("relu", t.norm("bn1", t.conv("conv1", x, conv{out: 64, k: 7, stride: 2, pad: 3}), 1e-5))
	x = t.call("maxpool").maxPool(x, 3, 2, 1, false)
	for i, depth := range depths {
		for j := range depth {
			stride := 1
			if i > 0 && j == 0 {
				stride = 2
			}
			x = block(b.in("layer"+strconv.Itoa(i+1)+"."+strconv.Itoa(j)), x, 64<<i, stride)
		}
	}
	x = b.embed(t.flatten(t.call("avgpool").globalPool(x)))
	return b.finish(t.linear("fc", x, 1000, 1))
}

func basicBlock(s *scope, x val, width, stride int) val {
	y := s.relu("relu", s.norm("bn1", s.conv("conv1", x, conv{out: width, k: 3, stride: stride, pad: 1}), 1e-5))
	y = s.norm("bn2", s.conv("conv2", y, conv{out: width, k: 3, pad: 1}), 1e-5)
	return s.residual(x, y, stride)
}

func bottleneck(s *scope, x val, width, stride int) val {
	y := s.relu("relu", s.norm("bn1", s.conv("conv1", x, conv{out: width, k: 1}), 1e-5))
	y = s.relu("relu", s.norm("bn2", s.conv("conv2", y, conv{out: width, k: 3, stride: stride, pad: 1}), 1e-5))
	y = s.norm("bn3", s.conv("conv3", y, conv{out: 4 * width, k: 1}), 1e-5)
	return s.residual(x, y, stride)
}

// residual adds what came in, projected where shapes differ.
func (s *scope) residual(x, y val, stride int) val {
	if stride != 1 || x.shape[1] != y.shape[1] {
		d := s.sub("downsample")
		x = d.norm("1", d.conv("0", x, conv{out: y.shape[1], k: 1, stride: stride}), 1e-5)
	}
	return s.relu("relu", s.binary("Add", y, x))
}
