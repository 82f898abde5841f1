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
	for _, fn := range graph.Functions {
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
}
