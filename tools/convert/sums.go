package convert

// sumTile is four pixels by sixteen output channels.
const tilePixels, tileWidth = 4, 16

// sumTilePortable computes, for p < 4 and o < 16,
//
//	y[p][o] += float32(x[p][k] * w[k*16+o]), k = 0, 1, ...
//
// one product after the other, so that every body and processor finds the same
// values. The four x have one length.
func sumTilePortable(y *[tilePixels][tileWidth]float32, x *[tilePixels][]float32, w []float32) {
	for p := range y {
		row := &y[p]
		for k, v := range x[p] {
			for o, f := range w[k*tileWidth:][:tileWidth] {
				row[o] += float32(v * f)
			}
		}
	}
}

// pack lays the weights of a convolution out as [group][block][tap][I/groups][16],
// with zeros after the last output channel of a group.
func (n *Node) pack(channels int) []float32 {
	taps := n.Kernel[0] * n.Kernel[1]
	per, each := len(n.Weight)/channels/taps, channels/n.Groups
	blocks := (each + tileWidth - 1) / tileWidth
	out := make([]float32, n.Groups*blocks*taps*per*tileWidth)
	for o := range channels {
		g, b, lane := o/each, o%each/tileWidth, o%each%tileWidth
		to := out[(g*blocks+b)*taps*per*tileWidth+lane:]
		for k := range taps * per {
			to[k*tileWidth] = n.Weight[o*taps*per+k]
		}
	}
	return out
}
