package float

import (
	"runtime"

	"likeness/engine/kernel"
	"likeness/tools/convert/parallel"
)

const (
	// blockRows pixels or output values are multiplied together: what they read
	// stays in the second cache while the weights go by.
	blockRows = 64
	// blockDepth inputs are taken at a time: sixteen columns of them and the
	// rows of a tile fit the first cache.
	blockDepth = 256
	// leastRows are worth a core of their own.
	leastRows = 16
	// matrixLanes is what rows are filled up to; kernel.MulAdd takes fours.
	matrixLanes = 4
)

// convolve shares the output pixels between the cores. Sums begin with the bias
// and run over the window's rows, columns and channels, one rounded product
// after the other, whatever the division into blocks.
func convolve(node *Node, y, x []float32, in, out [3]int) {
	node.PackWeights(out[2])
	if node.depthwise(in, out) {
		parallel.Each(out[0], func(oh int) { depthwiseRow(node, y[oh*out[1]*out[2]:][:out[1]*out[2]], x, in, out, oh) })
		return
	}
	pixels := out[0] * out[1]
	rows := min(max(WholeLanes(pixels/runtime.GOMAXPROCS(0)), leastRows), blockRows)
	parallel.Each((pixels+rows-1)/rows, func(i int) {
		c := convBlock{node: node, y: y, x: x, in: in, out: out, from: i * rows, count: min(rows, pixels-i*rows)}
		c.run()
	})
}

func (n *Node) depthwise(in, out [3]int) bool { return in[2] == n.Groups && out[2] == n.Groups }

// PackWeights lays the weights of a convolution out for the float run, once; after
// that several pictures may be run at a time.
func (n *Node) PackWeights(channels int) {
	if n.Packed == nil {
		n.Packed = n.pack(channels)
	}
}

// convBlock computes some output pixels of a convolution, as products of
// matrices: the inputs under the pixels by the weights of sixteen channels.
type convBlock struct {
	node        *Node
	y, x        []float32
	in, out     [3]int
	from, count int // pixels
}

func (c *convBlock) run() {
	n := c.node
	buf := ScratchPool.Get().(*Scratch)
	defer ScratchPool.Put(buf)
	per, each := c.in[2]/n.Groups, c.out[2]/n.Groups
	depth, rows := n.Kernel[0]*n.Kernel[1]*per, WholeLanes(c.count)
	blocks := (each + TileWidth - 1) / TileWidth
	sums := Sized(&buf.Sums, blocks*rows*TileWidth)
	inputs := Sized(&buf.Inputs, rows*depth)
	direct := n.Kernel == [2]int{1, 1} && n.Stride == [2]int{1, 1} && n.Pads == [4]int{} && n.Groups == 1 && rows == c.count
	if direct {
		inputs = c.x[c.from*depth:]
	}
	for g := range n.Groups {
		if !direct {
			for r := range rows {
				if to := inputs[r*depth:][:depth]; r < c.count {
					n.Gather(to, c.x, c.in, c.out, c.from+r, g)
				} else {
					clear(to)
				}
			}
		}
		for b := range blocks {
			var bias [TileWidth]float32
			copy(bias[:], n.Bias[g*each+b*TileWidth:(g+1)*each])
			for r := range rows {
				*(*[TileWidth]float32)(sums[(b*rows+r)*TileWidth:]) = bias
			}
		}
		for k := 0; k < depth; k += blockDepth {
			a := kernel.Matrix{Values: inputs[k:], Row: depth, Depth: 1}
			for b := range blocks {
				w := n.Packed[((g*blocks+b)*depth+k)*TileWidth:]
				kernel.MulAdd(sums[b*rows*TileWidth:], a, w, rows, min(blockDepth, depth-k), TileWidth)
			}
		}
		for r := range c.count {
			to := c.y[(c.from+r)*c.out[2]+g*each:][:each]
			b := 0
			for ; len(to) >= TileWidth; to, b = to[TileWidth:], b+1 {
				*(*[TileWidth]float32)(to) = *(*[TileWidth]float32)(sums[(b*rows+r)*TileWidth:])
			}
			copy(to, sums[min((b*rows+r)*TileWidth, len(sums)):])
		}
	}
}

// Gather copies the inputs of group g under output pixel at, [taps][I/groups],
// with zeros for the padding.
func (n *Node) Gather(to, x []float32, in, out [3]int, at, g int) {
	per := in[2] / n.Groups
	oh, ow := at/out[1], at%out[1]
	left := ow*n.Stride[1] - n.Pads[1]
	whole := n.Groups == 1 && n.Dilation[1] == 1 && left >= 0 && left+n.Kernel[1] <= in[1]
	line := n.Kernel[1] * per
	for r := range n.Kernel[0] {
		part := to[r*line:][:line]
		ih := oh*n.Stride[0] - n.Pads[0] + r*n.Dilation[0]
		switch {
		case ih < 0 || ih >= in[0]:
			clear(part)
		case whole:
			copy(part, x[(ih*in[1]+left)*per:])
		default:
			for t := range n.Kernel[1] {
				one := part[t*per:][:per]
				if iw := left + t*n.Dilation[1]; iw < 0 || iw >= in[1] {
					clear(one)
				} else {
					copy(one, x[(ih*in[1]+iw)*in[2]+g*per:])
				}
			}
		}
	}
}

// depthwiseRow computes one row of a convolution with one filter a channel.
func depthwiseRow(node *Node, y, x []float32, in, out [3]int, oh int) {
	for ow := range out[1] {
		px := y[ow*out[2]:][:out[2]]
		copy(px, node.Bias)
		for t := range node.Kernel[0] * node.Kernel[1] {
			if src := node.under(x, in, oh, ow, t); src != nil {
				addProducts(px, src, node.Packed[t*out[2]:][:out[2]])
			}
		}
	}
}

// under is the input pixel under tap t of output pixel (oh, ow), or nil in the
// padding.
func (n *Node) under(x []float32, in [3]int, oh, ow, t int) []float32 {
	ih := oh*n.Stride[0] - n.Pads[0] + t/n.Kernel[1]*n.Dilation[0]
	iw := ow*n.Stride[1] - n.Pads[1] + t%n.Kernel[1]*n.Dilation[1]
	if ih < 0 || iw < 0 || ih >= in[0] || iw >= in[1] {
		return nil
	}
	return x[(ih*in[1]+iw)*in[2]:][:in[2]]
}

// connect computes a fully connected layer of several pictures, [picture][I],
// whose weights are read once for all of them. Sums begin with the bias.
func connect(node *Node, y, x [][]float32) {
	in, lanes := len(x[0]), WholeLanes(len(x))
	turned := make([]float32, in*lanes)
	for p, v := range x {
		for k, f := range v {
			turned[k*lanes+p] = f
		}
	}
	outputs := len(node.Bias)
	parallel.Each((outputs+blockRows-1)/blockRows, func(i int) {
		buf := ScratchPool.Get().(*Scratch)
		defer ScratchPool.Put(buf)
		from := i * blockRows
		rows := min(blockRows, outputs-from)
		sums := Sized(&buf.Sums, rows*lanes)
		for r := range rows {
			for p := range lanes {
				sums[r*lanes+p] = node.Bias[from+r]
			}
		}
		for k := 0; k < in; k += blockDepth {
			a := kernel.Matrix{Values: node.Weight[from*in+k:], Row: in, Depth: 1}
			kernel.MulAdd(sums, a, turned[k*lanes:], rows, min(blockDepth, in-k), lanes)
		}
		for r := range rows {
			for p := range y {
				y[p][from+r] = sums[r*lanes+p]
			}
		}
	})
}
