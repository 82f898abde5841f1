package convert

import (
	"math"
	"runtime"
	"sync"

	"likeness/engine/graph"
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
	}
}

func (n *Network) eval(node *Node, vals [][]float32) []float32 {
	x, in, out := vals[node.Inputs[0]], n.Tensors[node.Inputs[0]].Shape, n.Tensors[node.Output].Shape
	y := make([]float32, out[0]*out[1]*out[2])
	switch node.Op {
	case graph.Conv:
		convolve(node, y, x, in, out)
	case graph.FullyConnected:
		for o := range y {
			sum := node.Bias[o]
			for k, v := range x {
				sum += float32(v * node.Weight[o*len(x)+k])
			}
			y[o] = sum
		}
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
	case graph.Softmax:
		top, sum := x[0], 0.0
		for _, v := range x {
			top = max(top, v)
		}
		for i, v := range x {
			y[i] = float32(math.Exp(float64(v - top)))
			sum += float64(y[i])
		}
		for i := range y {
			y[i] = float32(float64(y[i]) / sum)
		}
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

// convolve shares the output rows between the cores.
func convolve(node *Node, y, x []float32, in, out [3]int) {
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Go(func() {
			for oh := w; oh < out[0]; oh += workers {
				for ow := range out[1] {
					convolvePixel(node, y[(oh*out[1]+ow)*out[2]:][:out[2]], x, in, oh, ow)
				}
			}
		})
	}
	wg.Wait()
}

func convolvePixel(node *Node, y, x []float32, in [3]int, oh, ow int) {
	copy(y, node.Bias)
	per := in[2] / node.Groups
	each := len(y) / node.Groups
	kh, kw := node.Kernel[0], node.Kernel[1]
	for a := range kh {
		ih := oh*node.Stride[0] - node.Pads[0] + a*node.Dilation[0]
		if ih < 0 || ih >= in[0] {
			continue
		}
		for b := range kw {
			iw := ow*node.Stride[1] - node.Pads[1] + b*node.Dilation[1]
			if iw < 0 || iw >= in[1] {
				continue
			}
			px := x[(ih*in[1]+iw)*in[2]:][:in[2]]
			taps, step := node.Weight[(a*kw+b)*per:], kh*kw*per
			for o := 0; o < len(y); {
				src := px[o/each*per:][:per]
				if per > 1 && o%each+4 <= each {
					dot4((*[4]float32)(y[o:]), src, taps[o*step:], step)
					o += 4
					continue
				}
				sum := float32(0)
				for k, v := range src {
					sum += float32(v * taps[o*step+k])
				}
				y[o] += sum
				o++
			}
		}
	}
}

// dot4 does four output channels at once, each summed in order.
func dot4(y *[4]float32, x, w []float32, step int) {
	w0, w1, w2, w3 := w[:len(x)], w[step:][:len(x)], w[2*step:][:len(x)], w[3*step:][:len(x)]
	var s0, s1, s2, s3 float32
	for k, v := range x {
		s0 += float32(v * w0[k])
		s1 += float32(v * w1[k])
		s2 += float32(v * w2[k])
		s3 += float32(v * w3[k])
	}
	y[0] += s0
	y[1] += s1
	y[2] += s2
	y[3] += s3
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
