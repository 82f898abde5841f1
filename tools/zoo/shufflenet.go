package zoo

import (
	"strconv"

	"likeness/tools/convert/nd"
)

// shufflenetV2 is ShuffleNet V2 1.0 (Ma et al. 2018).
func shufflenetV2(opt Options) (*Net, error) {
	b, x := newBuilder("shufflenet_v2_x1_0", opt, 224)
	t, stem := b.top(), b.in("conv1")
	x = stem.relu("2", stem.norm("1", stem.conv("0", x, conv{out: 24, k: 3, stride: 2, pad: 1}), 1e-5))
	x = t.call("maxpool").maxPool(x, 3, 2, 1, false)
	for i, out := range []int{116, 232, 464} {
		for j := range []int{4, 8, 4}[i] {
			s := b.in("stage" + strconv.Itoa(i+2) + "." + strconv.Itoa(j))
			if j == 0 {
				x = s.concat(shuffleShort(s.sub("branch1"), x, out/2), shuffleLong(s.sub("branch2"), x, out/2, 2))
			} else {
				left, right := s.halves(x)
				x = s.concat(left, shuffleLong(s.sub("branch2"), right, out/2, 1))
			}
			x = s.shuffle(x)
		}
	}
	last := b.in("conv5")
	x = last.relu("2", last.norm("1", last.conv("0", x, conv{out: 1024, k: 1}), 1e-5))
	x = b.embed(t.op("ReduceMean", map[string]nd.Attr{"axes": nd.Ints(2, 3), "keepdims": nd.Int(0)}, []int{1, 1024}, x.name))
	return b.finish(t.linear("fc", x, 1000, 1))
}

func shuffleShort(s *scope, x val, out int) val {
	c := x.shape[1]
	x = s.norm("1", s.conv("0", x, conv{out: c, k: 3, stride: 2, pad: 1, groups: c}), 1e-5)
	return s.relu("4", s.norm("3", s.conv("2", x, conv{out: out, k: 1}), 1e-5))
}

func shuffleLong(s *scope, x val, out, stride int) val {
	x = s.relu("2", s.norm("1", s.conv("0", x, conv{out: out, k: 1}), 1e-5))
	x = s.norm("4", s.conv("3", x, conv{out: out, k: 3, stride: stride, pad: 1, groups: out}), 1e-5)
	return s.relu("7", s.norm("6", s.conv("5", x, conv{out: out, k: 1}), 1e-5))
}

// halves is chunk(2, dim=1), for which the exporter computes the borders from
// the shape.
func (s *scope) halves(x val) (val, val) {
	shape := s.op("Shape", nil, []int{4}, x.name)
	axis := s.ints(1)
	n := s.op("Gather", map[string]nd.Attr{"axis": nd.Int(0)}, []int{1}, shape.name, axis)
	from := s.ints(0)
	n = s.op("Add", nil, n.shape, n.name, s.ints(1))
	n = s.op("Div", nil, n.shape, n.name, s.ints(2))
	mid := s.op("Mul", nil, n.shape, n.name, s.ints(1))
	half := []int{1, x.shape[1] / 2, x.shape[2], x.shape[3]}
	left := s.op("Slice", nil, half, x.name, from, mid.name, axis)
	end := s.op("Mul", nil, n.shape, n.name, s.ints(2))
	return left, s.op("Slice", nil, half, x.name, mid.name, end.name, axis)
}

// shuffle interleaves the two halves of the channels.
func (s *scope) shuffle(x val) val {
	c, h, w := x.shape[1], x.shape[2], x.shape[3]
	to := s.ints(1, 2, int64(c/2), int64(h), int64(w))
	y := s.op("Reshape", nil, []int{1, 2, c / 2, h, w}, x.name, to)
	y = s.op("Transpose", map[string]nd.Attr{"perm": nd.Ints(0, 2, 1, 3, 4)}, []int{1, c / 2, 2, h, w}, y.name)
	back := s.ints(1, -1, int64(h), int64(w))
	return s.op("Reshape", nil, x.shape, y.name, back)
}
