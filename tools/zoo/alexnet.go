package zoo

import (
	"strconv"

	"likeness/tools/convert/nd"
)

// alexnetLRN is AlexNet (Krizhevsky et al. 2012) as Caffe's bvlc_alexnet and the
// first files of ONNX's model zoo have it: two groups, local response
// normalisation before the pooling. The features are the second dense layer's.
func alexnetLRN(opt Options) (*Net, error) {
	b, x := newBuilder("alexnet_lrn", opt, 227)
	t := b.top()
	for i, c := range []conv{
		{out: 96, k: 11, stride: 4}, {out: 256, k: 5, pad: 2, groups: 2},
		{out: 384, k: 3, pad: 1}, {out: 384, k: 3, pad: 1, groups: 2}, {out: 256, k: 3, pad: 1, groups: 2},
	} {
		c.bias = true
		n := strconv.Itoa(i + 1)
		x = t.relu("relu"+n, t.conv("conv"+n, x, c))
		if i < 2 {
			x = t.call("norm"+n).op("LRN", map[string]nd.Attr{"alpha": nd.Float(1e-4), "beta": nd.Float(0.75), "bias": nd.Float(1), "size": nd.Int(5)}, x.shape, x.name)
		}
		if i < 2 || i == 4 {
			x = t.call("pool"+n).maxPool(x, 3, 2, 0, false)
		}
	}
	x = t.relu("relu6", t.linear("fc6", t.flatten(x), 4096, 2))
	x = b.embed(t.relu("relu7", t.linear("fc7", x, 4096, 2)))
	return b.finish(t.linear("fc8", x, 1000, 1))
}
