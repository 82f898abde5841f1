package float

import (
	"likeness/engine/graph"
	"likeness/engine/printable"
	"likeness/tools/convert/failure"
)

// Limits on the float run, whose values take twice the memory of the engine's.
const (
	// maxLive is how many bytes the values of one picture may take at a time.
	maxLive = 1 << 29
	// maxRoundLive is the same for the pictures that settle the rounding, each
	// with two networks' values. The networks in use stay below.
	MaxRoundLive = 1 << 30
	// maxPacked bounds the copies of weights that the convolutions run with.
	maxPacked = 2 << 30
)

// Peak sums the values that are alive together while the network runs, in
// bytes, and names the layer at which they are most. Nothing is run.
func (n *Network) Peak() (most int64, at string) {
	readers := make([]int, len(n.Tensors))
	for _, node := range n.Nodes {
		for _, t := range node.Inputs {
			readers[t]++
		}
	}
	bytes := func(t int) int64 {
		s := n.Tensors[t].Shape
		return 4 * int64(s[0]) * int64(s[1]) * int64(s[2])
	}
	live := bytes(0)
	for _, node := range n.Nodes {
		if live += bytes(node.Output); live > most {
			most, at = live, n.Tensors[node.Output].Name
		}
		for _, t := range node.Inputs {
			if readers[t]--; readers[t] == 0 {
				live -= bytes(t)
			}
		}
		if readers[node.Output] == 0 { // only looked at
			live -= bytes(node.Output)
		}
	}
	return most, at
}

// checkPeak refuses a network whose float run would take too much memory.
func (n *Network) checkPeak() error {
	if most, at := n.Peak(); most > maxLive {
		return failure.New(failure.CodeSize, "at layer %s the float run holds %d bytes, at most %d are allowed: convert it for smaller pictures (--size), or less of it (--until)",
			printable.Text(printable.Clip(at)), most, int64(maxLive))
	}
	packed := int64(0)
	for _, node := range n.Nodes {
		if node.Op != graph.Conv {
			continue
		}
		out := n.Tensors[node.Output].Shape[2]
		lanes := (int64(out/node.Groups) + TileWidth - 1) / TileWidth * TileWidth * int64(node.Groups)
		packed += 4 * lanes * int64(len(node.Weight)/out)
	}
	if packed > maxPacked {
		return failure.New(failure.CodeSize, "the float run needs %d bytes for the weights of its convolutions, at most %d are allowed: take a smaller network", packed, int64(maxPacked))
	}
	return nil
}
