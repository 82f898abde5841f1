package jpeg

import (
	"math/rand/v2"
)

// sketch is a picture as its coefficients, which the tests write in every way
// that the standard knows.
type sketch struct {
	w, h  int
	comps []sketchComponent
}

type sketchComponent struct {
	id      byte
	h, v    int
	tq      byte
	paddedX int
	blocksX int
	blocksY int
	blocks  [][64]int // in zigzag order, rows of whole MCUs
	paddedY int
}

// newSketch makes a picture of noise and slopes. ids and sampling have one
// entry for each component; sampling 0x21 is twice as wide as 0x11.
func newSketch(seed uint64, w, h int, ids []byte, sampling []byte) *sketch {
	rng := rand.New(rand.NewPCG(seed, 7))
	s := &sketch{w: w, h: h}
	maxH, maxV := 0, 0
	for i, id := range ids {
		c := sketchComponent{id: id, h: int(sampling[i] >> 4), v: int(sampling[i] & 15), tq: byte(min(i, 1))}
		maxH, maxV = max(maxH, c.h), max(maxV, c.v)
		s.comps = append(s.comps, c)
	}
	for i := range s.comps {
		c := &s.comps[i]
		if len(ids) == 1 {
			c.h, c.v, maxH, maxV = 1, 1, 1, 1
		}
		c.paddedX, c.paddedY = ceilDiv(w, 8*maxH)*c.h, ceilDiv(h, 8*maxV)*c.v
		c.blocksX, c.blocksY = ceilDiv(ceilDiv(w*c.h, maxH), 8), ceilDiv(ceilDiv(h*c.v, maxV), 8)
		c.blocks = make([][64]int, c.paddedX*c.paddedY)
		for j := range c.blocks {
			x, y := j%c.paddedX, j/c.paddedX
			if x >= c.blocksX || y >= c.blocksY {
				continue // scans of one component do not hold these
			}
			b := &c.blocks[j]
			b[0] = rng.IntN(120) - 60
			switch rng.IntN(6) {
			case 0: // the DC term alone
			case 1: // up to the last coefficient
				for k := 1; k < 64; k++ {
					b[k] = rng.IntN(5) - 2
				}
				b[63] = 1
			default:
				for range rng.IntN(12) {
					k := 1 + rng.IntN(63)*rng.IntN(64)/63
					b[max(1, k)] = rng.IntN(1<<rng.IntN(6)) - 8/(1+k/4)
				}
			}
		}
	}
	return s
}
