package testnet

import "likeness/engine/graph"

// like adds an operator that copies integers of in to another shape.
func (n *Net) like(node graph.Node, in int, shape [3]int) int {
	t := n.File.Graph.Tensors[in]
	node.Inputs, node.Output = []int{in}, n.tensor(node.Name, shape, t.Scale, t.Lo, t.Hi)
	return n.node(node)
}

// Gather picks channels.
func (n *Net) Gather(name string, in int, channels ...int) int {
	s := n.shape(in)
	return n.like(graph.Node{Op: graph.GatherChannels, Name: name, Channels: channels}, in, [3]int{s[0], s[1], len(channels)})
}

// Crop cuts h rows and w columns out.
func (n *Net) Crop(name string, in, h, w int, start, stride [2]int) int {
	return n.like(graph.Node{Op: graph.Crop, Name: name, Start: start, Stride: stride}, in, [3]int{h, w, n.shape(in)[2]})
}

// more adds the operators that version 1 gained after its first release, on
// top of a layer of at least 20 channels and 10 x 10 places, so that nothing
// before it changes.
func (n *Net) more(in int) {
	a := n.Conv("more", in, 21, 1, Square(1, 1, 0), false)
	n.File.Graph.Tensors[a].Scale = 1.0 / 1500 // functions are to see large arguments
	for _, fn := range graph.Functions[:firstFunctions] {
		i := n.Activation("fn/"+fn, a, fn, 0.25)
		n.File.Graph.Nodes[len(n.File.Graph.Nodes)-1].Beta = 0.5
		n.File.Graph.Tensors[i].Scale = 1.0 / 1600
	}
	s := n.shape(a)
	column := n.Gather("column", a, 5)
	row := n.Crop("row", a, 1, s[1], [2]int{3, 0}, [2]int{1, 1})
	dot := n.Crop("dot", column, 1, 1, [2]int{2, 4}, [2]int{1, 1})
	vector := n.Pool(graph.GlobalMaxPool, "globalmax", a, Window{})
	for _, op := range []string{graph.Add, graph.Sub, graph.Mul} {
		for name, b := range []int{a, column, row, dot, vector} {
			n.Binary(op, op+"/"+string(rune('a'+name)), a, b)
			n.Binary(op, op+"/reversed/"+string(rune('a'+name)), b, a)
		}
		n.Binary(op, op+"/outer", column, vector)
	}
	// A map whose repeated pixel takes several calls.
	wide, _ := n.File.Graph.Tensor("expand")
	pixel := n.Pool(graph.GlobalMaxPool, "globalmax/wide", wide, Window{})
	n.Binary(graph.Mul, "mul/wide", wide, pixel)
	n.Binary(graph.Sub, "sub/wide/reversed", pixel, wide)
	all := make([]int, 20)
	for i := range all {
		all[i] = i%2*10 + i/2
	}
	n.Gather("shuffled", a, all...)
	n.Gather("pieces", a, 3, 4, 5, 20, 0, 1, 2, 6, 7)
	n.Crop("sparse", a, 3, 2, [2]int{1, 2}, [2]int{2, 3})
	over := Window{[2]int{3, 2}, [2]int{2, 2}, [2]int{1, 1}, [4]int{1, 0, 2, 1}}
	n.Pool(graph.MaxPool, "max/overhang", a, over)
	n.Pool(graph.AvgPool, "avg/overhang", a, over)
	n.Pool(graph.AvgPool, "avg/counted", a, over)
	n.File.Graph.Nodes[len(n.File.Graph.Nodes)-1].CountPad = true
	over.Dilation = [2]int{2, 3}
	n.Pool(graph.MaxPool, "max/dilated", a, over)
	n.normalisations(a)
	n.rearrangements(a)
}

func (n *Net) normalisations(in int) {
	same := func(node graph.Node, scale float32) {
		node.Inputs, node.Output = []int{in}, n.tensor(node.Name, n.shape(in), scale, -8191, 8191)
		n.node(node)
	}
	real := func() []float32 {
		v := make([]float32, n.shape(in)[2])
		for i := range v {
			v[i] = n.rng.Float32()*3 - 1
		}
		return v
	}
	n.File.Params["layernorm"] = graph.Params{Gain: real(), Offset: real()}
	same(graph.Node{Op: graph.LayerNorm, Name: "layernorm", Epsilon: 1e-5, Weights: "layernorm"}, 1.0/2000)
	n.File.Params["prelu"] = graph.Params{Gain: real()}
	same(graph.Node{Op: graph.PReLU, Name: "prelu", Weights: "prelu"}, 1.0/3000)
	same(graph.Node{Op: graph.LRN, Name: "lrn", Size: 5, Alpha: 1, Beta: 0.75, Shift: 1}, 1.0/3000)
	same(graph.Node{Op: graph.LRN, Name: "lrn/even", Size: 4, Alpha: 0.7, Beta: 0.6, Shift: 2}, 1.0/3000)
	same(graph.Node{Op: graph.LRN, Name: "lrn/wide", Size: 99, Alpha: 5, Beta: 0.5, Shift: 2}, 1.0/3000)
	same(graph.Node{Op: graph.LogSoftmax, Name: "logsoftmax"}, 1.0/600)
	n.Softmax("softmax/places", in)
}

func (n *Net) rearrangements(in int) {
	s := n.shape(in)
	for _, order := range []string{graph.OrderDCR, graph.OrderCRD} {
		d := n.Crop("even/"+order, in, s[0]/2*2, s[1]/3*3, [2]int{}, [2]int{1, 1})
		node := graph.Node{Op: graph.SpaceToDepth, Name: "deep/" + order, Block: 1, Order: order}
		n.like(node, d, n.shape(d))
		d = n.Crop("six/"+order, in, 6, 6, [2]int{}, [2]int{1, 1})
		node.Name, node.Block = "deeper/"+order, 3
		d = n.like(node, d, [3]int{2, 2, 9 * s[2]})
		node.Name, node.Op = "wide/"+order, graph.DepthToSpace
		n.like(node, d, [3]int{6, 6, s[2]})
	}
	for _, where := range []string{graph.HalfPixel, graph.TorchHalfPixel, graph.Asymmetric, graph.AlignCorners} {
		for _, size := range [][2]int{{1, 1}, {2 * s[0], 3 * s[1]}, {5, 11}} {
			name := where + "/" + string(rune('0'+size[0]%10))
			node := graph.Node{Op: graph.Resize, Name: "linear/" + name, Fn: graph.Linear, Coordinates: where}
			n.like(node, in, [3]int{size[0], size[1], s[2]})
			node.Fn, node.Zoom = graph.Nearest, [2]float64{float64(size[0])/float64(s[0]) + 0.01, 0}
			for _, node.Rounding = range []string{graph.RoundFloor, graph.RoundCeil, graph.HalfDown, graph.HalfUp} {
				node.Name = node.Rounding + "/" + name
				n.like(node, in, [3]int{size[0], size[1], s[2]})
			}
		}
	}
}
