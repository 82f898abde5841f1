package zoo

import "strconv"

// vgg16 is VGG configuration D (Simonyan and Zisserman 2014). Its features
// are the last feature map, [512, 7, 7].
func vgg16(opt Options) (*Net, error) {
	b, x := newBuilder("vgg16", opt, 224)
	f, i := b.in("features"), 0
	next := func() string { i++; return strconv.Itoa(i - 1) }
	for _, c := range []int{64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0} {
		if c == 0 {
			x = f.call(next()).maxPool(x, 2, 2, 0, false)
			continue
		}
		x = f.conv(next(), x, conv{out: c, k: 3, pad: 1, bias: true})
		x = f.relu(next(), x)
	}
	b.embed(x)
	// An adaptive pool that has nothing to do is still written.
	x = b.top().call("avgpool").op("AveragePool", pool1(), x.shape, x.name)
	x = b.top().flatten(x)
	c := b.in("classifier")
	x = c.relu("1", c.linear("0", x, 4096, 2))
	x = c.relu("4", c.linear("3", x, 4096, 2))
	return b.finish(c.linear("6", x, 1000, 1))
}
