package zoo

import (
	"math"
	"strconv"
)

// regnetY400MF is RegNetY-400MF (Radosavovic et al. 2020): groups of 8
// channels, squeeze-and-excitation by a quarter of the block's input.
func regnetY400MF(opt Options) (*Net, error) {
	b, x := newBuilder("regnet_y_400mf", opt, 224)
	t, stem := b.top(), b.in("stem")
	x = stem.relu("2", stem.norm("1", stem.conv("0", x, conv{out: 32, k: 3, stride: 2, pad: 1}), 1e-5))
	for i, width := range []int{48, 104, 208, 440} {
		name := "block" + strconv.Itoa(i+1)
		for j := range []int{1, 3, 6, 6}[i] {
			x = regBlock(b.in("trunk_output."+name+"."+name+"-"+strconv.Itoa(j)), x, width)
		}
	}
	x = b.embed(t.flatten(t.call("avgpool").globalPool(x)))
	return b.finish(t.linear("fc", x, 1000, 1))
}

func regBlock(s *scope, x val, width int) val {
	stride, short, f := 1, x, s.sub("f")
	if x.shape[1] != width {
		stride = 2
		short = convNormAct(s.sub("proj"), x, conv{out: width, k: 1, stride: 2}, 1e-5, nil)
	}
	y := convNormAct(f.sub("a"), x, conv{out: width, k: 1}, 1e-5, (*scope).relu)
	y = convNormAct(f.sub("b"), y, conv{out: width, k: 3, stride: stride, pad: 1, groups: width / 8}, 1e-5, (*scope).relu)
	y = f.squeeze("se", y, int(math.RoundToEven(0.25*float64(x.shape[1]))), (*scope).relu, sigmoid)
	y = convNormAct(f.sub("c"), y, conv{out: width, k: 1}, 1e-5, nil)
	return s.relu("activation", s.binary("Add", short, y))
}
