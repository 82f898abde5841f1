package op

import (
	"fmt"
	"math"
	"math/bits"

	"likeness/engine/graph"
	"likeness/engine/kernel"
	"likeness/engine/printable"
)

// MaxBytes is the most memory that a network may take: its parameters, as they
// are read and as they are packed, its tables, and the arena and buffers of one
// session. Sums stay below it, and so below 2^31, on every platform. VGG16, the
// largest network in use, takes about a quarter.
const MaxBytes = 1_500_000_000

// Footprint sums, before anything is allocated, the bytes that a network takes
// which keeps some tensors, and refuses more than MaxBytes. The sum is the same
// on every platform: where kernels differ, it takes the larger need.
func Footprint(g *graph.Graph, params map[string]graph.Params, keep []int) (int64, error) {
	var a account
	winograd := map[string]bool{}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if n.Weights == "" {
			continue
		}
		p := params[n.Weights]
		winograd[n.Weights] = useWinograd(g, n, p)
		a.add(n, packedBytes(g, n, p, winograd[n.Weights]))
	}
	if a.total > MaxBytes {
		return a.total, a.refuse()
	}
	_, err := newBuilder(g, neededNodes(g, keep), keep, &a, func(name string) bool { return winograd[name] })
	return a.total, err
}

// account sums bytes without overflow and remembers who needs most.
type account struct {
	total, most int64
	at          string // the operator that needs most
}

// product multiplies lengths that are not negative; what does not fit is the
// largest number.
func product(factors ...int) int64 {
	p := uint64(1)
	for _, f := range factors {
		hi, lo := bits.Mul64(p, uint64(f))
		if hi != 0 || lo > math.MaxInt64 {
			p = math.MaxInt64
			continue
		}
		p = lo
	}
	return int64(p)
}

// sum adds without overflow.
func sum(terms ...int64) (s int64) {
	for _, t := range terms {
		if s += t; s < 0 {
			return math.MaxInt64
		}
	}
	return s
}

func (a *account) add(n *graph.Node, bytes int64) {
	a.total = sum(a.total, bytes)
	if bytes > a.most {
		a.most, a.at = bytes, fmt.Sprintf("operator %q (%s)", printable.Clip(n.Name), n.Op)
	}
}

// addArena adds so many int16; atLeast says that it was not placed to its end.
func (a *account) addArena(arena int64, atLeast bool) {
	bytes := product(2, int(min(arena, math.MaxInt)))
	a.total = sum(a.total, bytes)
	if bytes <= a.most {
		return
	}
	a.most, a.at = bytes, "the arena of tensors that are alive together"
	if atLeast {
		a.at += " (or more)"
	}
}

// addSession adds the buffers of a session: the prepared picture, and the sums
// and values of the largest vector.
func (a *account) addSession(g *graph.Graph, keep []int) {
	largest := 0
	for _, t := range keep {
		largest = max(largest, g.Tensors[t].Elems())
	}
	in := g.Tensors[0]
	a.total = sum(a.total, product(20, largest), product(3+2*kernel.Pad(3), in.Shape[0], in.Shape[1]))
}

func (a *account) refuse() error {
	return fmt.Errorf("the network needs %d bytes of memory, of which %s takes %d; at most %d are allowed: convert it again for smaller pictures (--size), or take a smaller network",
		a.total, a.at, a.most, int64(MaxBytes))
}

// roundUp is n rounded up to a multiple of m.
func roundUp(n, m int) int { return (n + m - 1) / m * m }

// gemmBytes is at least what kernel.PackGemm makes.
func gemmBytes(cols, taps, k int) int64 { return product(columnBytes(cols), taps, roundUp(k, 2)) }

// columnBytes is what kernels keep of one channel of all columns: 2 bytes each,
// in blocks of up to 32, or 4 each in blocks of 8.
func columnBytes(cols int) int { return max(2*roundUp(cols, 32), 4*kernel.Pad(cols)) }

// packedBytes is what the parameters of a node take, as read and as packed.
func packedBytes(g *graph.Graph, n *graph.Node, p graph.Params, winograd bool) int64 {
	read := sum(product(len(p.Weight)), product(4, len(p.Scale)+len(p.Bias)+len(p.Gain)+len(p.Offset)))
	if n.FloatParams() {
		return read
	}
	s := n.WeightShape(g)
	requant := product(16, kernel.Pad(s[0])) // and a copy for Winograd
	switch {
	case n.Op == graph.FullyConnected:
		return sum(read, requant) // the weights are used where they lie
	case n.IsDepthwise(g):
		return sum(read, requant, product(4, kernel.Pad(s[0]), s[1]*s[2]+1))
	case winograd:
		return sum(read, requant, product(16, columnBytes(s[0]), kernel.Pad(s[3])))
	}
	cols := s[0] / n.Groups
	each := sum(gemmBytes(cols, s[1]*s[2], s[3]), product(8, kernel.Pad(cols)), 256)
	if hi, lo := bits.Mul64(uint64(each), uint64(n.Groups)); hi == 0 && lo < math.MaxInt64 {
		return sum(read, requant, int64(lo))
	}
	return math.MaxInt64
}
