package convert

import (
	"math"
	"runtime"
	"sync/atomic"

	"likeness/engine/graph"
	"likeness/tools/convert/guard"
)

// Run evaluates the network in float32 with plain loops: the reference that
// quantised vectors are held against. Products are rounded before they are
// added, so that every processor finds the same values. input is [H][W][3], prepared values.
// It returns every tensor.
func (n *Network) Run(input []float32) [][]float32 {
	vals := make([][]float32, len(n.Tensors))
	n.visit(input, func(t int, v []float32) { vals[t] = v })
	return vals
}

// visit shows every tensor once and keeps each only as long as it is read.
func (n *Network) visit(input []float32, see func(tensor int, v []float32)) {
	readers := make([]int, len(n.Tensors))
	for _, node := range n.Nodes {
		for _, t := range node.Inputs {
			readers[t]++
		}
	}
	vals := make([][]float32, len(n.Tensors))
	vals[0] = input
	see(0, input)
	for i := range n.Nodes {
		node := &n.Nodes[i]
		out := n.eval(node, vals)
		for j, v := range out {
			out[j] = float32(min(max(float64(v), node.ActMin), node.ActMax))
		}
		vals[node.Output] = out
		see(node.Output, out)
		for _, t := range node.Inputs {
			if readers[t]--; readers[t] == 0 {
				vals[t] = nil
			}
		}
		if readers[node.Output] == 0 {
			vals[node.Output] = nil
		}
	}
}

func (n *Network) eval(node *Node, vals [][]float32) []float32 {
	x, in, out := vals[node.Inputs[0]], n.Tensors[node.Inputs[0]].Shape, n.Tensors[node.Output].Shape
	y := make([]float32, out[0]*out[1]*out[2])
	switch node.Op {
	case graph.Conv:
		convolve(node, y, x, in, out)
	case graph.FullyConnected:
		share(len(y), func(o int) {
			sum := node.Bias[o]
			for k, v := range x {
				sum += float32(v * node.Weight[o*len(x)+k])
			}
			y[o] = sum
		})
	case graph.Add, graph.Sub, graph.Mul:
		binaryFloat(node.Op, y, x, vals[node.Inputs[1]], in, n.Tensors[node.Inputs[1]].Shape, out)
	case graph.Concat:
		at := 0
		for _, j := range node.Inputs {
			c := n.Tensors[j].Shape[2]
			for p := range out[0] * out[1] {
				copy(y[p*out[2]+at:][:c], vals[j][p*c:])
			}
			at += c
		}
	case graph.MaxPool, graph.AvgPool, graph.GlobalAvgPool, graph.GlobalMaxPool:
		poolFloat(node, y, x, in, out)
	case graph.Activation:
		for i, v := range x {
			y[i] = float32(activate(node.Fn, node.Alpha, node.Beta, float64(v)))
		}
	case graph.Softmax, graph.LogSoftmax, graph.LayerNorm, graph.LRN, graph.PReLU:
		for at := 0; at < len(y); at += in[2] {
			pixelFloat(node, y[at:][:in[2]], x[at:][:in[2]])
		}
	case graph.GroupNorm:
		groupNormFloat(node, y, x, in)
	case graph.DepthToSpace, graph.SpaceToDepth:
		spaceFloat(node, y, x, in, out)
	case graph.Resize:
		resizeFloat(node, y, x, in, out)
	case graph.Pad:
		for r := range in[0] {
			copy(y[((r+node.Pads[0])*out[1]+node.Pads[1])*out[2]:][:in[1]*in[2]], x[r*in[1]*in[2]:])
		}
	case graph.Reshape:
		copy(y, x)
	case graph.GatherChannels:
		gatherFloat(node, y, x, in, out)
	case graph.Crop:
		cropFloat(node, y, x, in, out)
	}
	return y
}

// convolve shares the output rows between the cores. Sums begin with the bias
// and run over the window's rows, columns and channels.
func convolve(node *Node, y, x []float32, in, out [3]int) {
	if node.packed == nil {
		node.packed = node.pack(out[2])
	}
	share(out[0], func(oh int) {
		row := y[oh*out[1]*out[2]:][:out[1]*out[2]]
		if in[2] == node.Groups && out[2] == node.Groups {
			depthwiseRow(node, row, x, in, out, oh)
			return
		}
		c := convRow{node: node, x: x, in: in, out: out, oh: oh, zeros: make([]float32, in[2]/node.Groups)}
		for ow := 0; ow < out[1]; ow += tilePixels {
			c.pixels(row, ow)
		}
	})
}

// share calls f for 0 to n-1 on all cores.
func share(n int, f func(i int)) {
	var wg guard.Group
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}

// depthwiseRow computes one row of a convolution with one filter a channel.
func depthwiseRow(node *Node, y, x []float32, in, out [3]int, oh int) {
	taps := node.Kernel[0] * node.Kernel[1]
	for ow := range out[1] {
		px := y[ow*out[2]:][:out[2]]
		copy(px, node.Bias)
		for t := range taps {
			src := node.under(x, in, oh, ow, t)
			for c, v := range src {
				px[c] += float32(v * node.Weight[c*taps+t])
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

// convRow computes one output row, four pixels at a time.
type convRow struct {
	node    *Node
	x       []float32
	in, out [3]int
	oh      int
	zeros   []float32 // a pixel of padding, one group of it
}

func (c *convRow) pixels(row []float32, ow int) {
	n := c.node
	taps, per, each := n.Kernel[0]*n.Kernel[1], c.in[2]/n.Groups, c.out[2]/n.Groups
	blocks := (each + tileWidth - 1) / tileWidth
	count := min(tilePixels, c.out[1]-ow)
	for g := range n.Groups {
		for b := range blocks {
			var sums [tilePixels][tileWidth]float32
			first := g*each + b*tileWidth
			width := min(tileWidth, each-b*tileWidth)
			for p := range count {
				copy(sums[p][:width], n.Bias[first:])
			}
			w := n.packed[(g*blocks+b)*taps*per*tileWidth:]
			for t := range taps {
				var x [tilePixels][]float32
				for p := range x {
					x[p] = c.zeros
					if p < count {
						if src := n.under(c.x, c.in, c.oh, ow+p, t); src != nil {
							x[p] = src[g*per:][:per]
						}
					}
				}
				sumTile(&sums, &x, w[t*per*tileWidth:])
			}
			for p := range count {
				copy(row[(ow+p)*c.out[2]+first:][:width], sums[p][:])
			}
		}
	}
}

func poolFloat(node *Node, y, x []float32, in, out [3]int) {
	k, s, d := node.Kernel, node.Stride, node.Dilation
	if node.Op == graph.GlobalAvgPool || node.Op == graph.GlobalMaxPool {
		k, s, d = [2]int{in[0], in[1]}, [2]int{1, 1}, [2]int{1, 1}
	}
	for i := range y {
		c, ow, oh := i%out[2], i/out[2]%out[1], i/out[2]/out[1]
		sum, count, top := 0.0, 0, math.Inf(-1)
		for a := range k[0] {
			for b := range k[1] {
				ih, iw := oh*s[0]-node.Pads[0]+a*d[0], ow*s[1]-node.Pads[1]+b*d[1]
				if ih >= 0 && iw >= 0 && ih < in[0] && iw < in[1] {
					v := float64(x[(ih*in[1]+iw)*in[2]+c])
					sum += v
					count++
					top = max(top, v)
				}
			}
		}
		if node.CountPad {
			count = k[0] * k[1]
		}
		y[i] = float32(sum / float64(count))
		if node.Op == graph.MaxPool || node.Op == graph.GlobalMaxPool {
			y[i] = float32(top)
		}
	}
}
