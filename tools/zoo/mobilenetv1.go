package zoo

import "strconv"

// mobilenetV1 is MobileNet 1.0 (Howard et al. 2017) of 1001 classes, with the
// padding of TensorFlow, as its TensorFlow Lite files have it.
func mobilenetV1(opt Options) (*Net, error) {
	b, x := newBuilder("mobilenet_v1", opt, 224)
	t := b.top()
	layer := func(name string, c conv) {
		if c.k == 3 && c.stride == 2 {
			c.after = 1
		} else {
			c.pad = c.k / 2
		}
		x = convNormClip(b.in(name), x, c)
	}
	layer("Conv2d_0", conv{out: 32, k: 3, stride: 2})
	for i, out := range []int{64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024} {
		name, stride := "Conv2d_"+strconv.Itoa(i+1), 1
		if i == 1 || i == 3 || i == 5 || i == 11 {
			stride = 2
		}
		layer(name+"_depthwise", conv{out: x.shape[1], k: 3, stride: stride, groups: x.shape[1]})
		layer(name+"_pointwise", conv{out: out, k: 1})
	}
	x = b.embed(t.flatten(t.globalPool(x)))
	return b.finish(t.linear("Logits", x, 1001, 1))
}
