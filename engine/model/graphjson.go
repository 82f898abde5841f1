package model

import (
	"likeness/engine/graph"
	"likeness/engine/picture"
)

// parseGraph reads the graph of a file's metadata. Names it does not know are
// skipped. The struct tags of package graph say how it is written; a test holds
// the two together.
func parseGraph(text string) (g graph.Graph, err error) {
	s := &scanner{b: []byte(text)}
	s.object(func(key string) {
		switch key {
		case "name":
			g.Name = s.string()
		case "tensors":
			s.array(func() {
				if s.room(len(g.Tensors), graph.MaxNodes+1, "tensors") {
					g.Tensors = append(g.Tensors, parseTensor(s))
				}
			})
		case "nodes":
			s.array(func() {
				if s.room(len(g.Nodes), graph.MaxNodes, "operators") {
					g.Nodes = append(g.Nodes, parseNode(s))
				}
			})
		case "prepare":
			g.Prepare = parsePreparation(s)
		case "default_layer":
			g.DefaultLayer = s.string()
		case "output":
			g.Output = s.string()
		case "labels":
			parseStrings(s, &g.Labels, graph.MaxLabels, "labels")
		default:
			s.skip()
		}
	})
	return g, s.end()
}

func parseTensor(s *scanner) (t graph.Tensor) {
	s.object(func(key string) {
		switch key {
		case "name":
			t.Name = s.string()
		case "shape":
			parseInts(s, t.Shape[:])
		case "scale":
			t.Scale = float32(s.float(32))
		case "lo":
			t.Lo = int16(s.int(16))
		case "hi":
			t.Hi = int16(s.int(16))
		case "also":
			parseStrings(s, &t.Also, graph.MaxAlso, "further names of a tensor")
		case "joined":
			parseStrings(s, &t.Joined, graph.MaxAlso, "joined layers of a tensor")
		default:
			s.skip()
		}
	})
	return t
}

func parseNode(s *scanner) (n graph.Node) {
	s.object(func(key string) {
		switch key {
		case "op":
			n.Op = s.string()
		case "name":
			n.Name = s.string()
		case "inputs":
			parseList(s, &n.Inputs, graph.MaxInputs, "inputs of an operator")
		case "output":
			n.Output = int(s.int(32))
		case "kernel":
			parseInts(s, n.Kernel[:])
		case "stride":
			parseInts(s, n.Stride[:])
		case "dilation":
			parseInts(s, n.Dilation[:])
		case "pads":
			parseInts(s, n.Pads[:])
		case "groups":
			n.Groups = int(s.int(32))
		case "count_pad":
			n.CountPad = s.bool()
		case "fn":
			n.Fn = s.string()
		case "alpha":
			n.Alpha = s.float(64)
		case "beta":
			n.Beta = s.float(64)
		case "channels":
			parseList(s, &n.Channels, graph.MaxChannels, "channels")
		case "start":
			parseInts(s, n.Start[:])
		case "epsilon":
			n.Epsilon = s.float(64)
		case "size":
			n.Size = int(s.int(32))
		case "shift":
			n.Shift = s.float(64)
		case "block":
			n.Block = int(s.int(32))
		case "order":
			n.Order = s.string()
		case "coordinates":
			n.Coordinates = s.string()
		case "rounding":
			n.Rounding = s.string()
		case "zoom":
			s.fixed(2, func(i int) { n.Zoom[i] = s.float(64) })
		case "weights":
			n.Weights = s.string()
		default:
			s.skip()
		}
	})
	return n
}

func parsePreparation(s *scanner) (p picture.Preparation) {
	s.object(func(key string) {
		switch key {
		case "width":
			p.Width = int(s.int(32))
		case "height":
			p.Height = int(s.int(32))
		case "resize":
			p.Resize = s.string()
		case "side":
			p.Side = int(s.int(32))
		case "interpolation":
			p.Interpolation = s.string()
		case "order":
			p.Order = s.string()
		case "mean":
			s.fixed(3, func(i int) { p.Mean[i] = s.float(64) })
		case "std":
			s.fixed(3, func(i int) { p.Std[i] = s.float(64) })
		default:
			s.skip()
		}
	})
	return p
}

func parseList(s *scanner, dst *[]int, most int, what string) {
	s.array(func() {
		if s.room(len(*dst), most, what) {
			*dst = append(*dst, int(s.int(32)))
		}
	})
}

func parseStrings(s *scanner, dst *[]string, most int, what string) {
	s.array(func() {
		if s.room(len(*dst), most, what) {
			*dst = append(*dst, s.string())
		}
	})
}

func parseInts(s *scanner, dst []int) {
	s.fixed(len(dst), func(i int) { dst[i] = int(s.int(32)) })
}
