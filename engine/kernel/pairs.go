package kernel

// What the portable products share: one 64-bit multiplication makes two
// products. With two weights in one number, u + v<<32,
//
//	sum of x * (u + v<<32) = sum of x*u + (sum of x*v)<<32   modulo 2^64
//
// whose low 32 bits are the first sum, as long as that fits an int32; without
// it, the high 32 bits are the second, modulo 2^32. So sums are taken apart
// before the first could be too large.

// pairs are the weights of 8 columns: two in each number, the second 32 bits
// further up.
type pairs [lanes / 2]int64

// add adds to the weight of column i.
func (p *pairs) add(i, w int) { p[i/2] += int64(w) << (32 * (i % 2)) }

// How many products of any int16 have sums that fit an int32: with weights, of
// 8 bits, and with the transformed filters of Winograd, at most 9*128.
const (
	weightRoom = (1<<31 - 1) / (1 << 15 * 128)
	filterRoom = (1<<31 - 1) / (1 << 15 * 9 * 128)
)

// pairSums are the sums of 8 columns, while they grow.
type pairSums struct {
	p    pairs
	done [lanes]int32 // what was taken apart
	room int          // products until that must be done again
}

// products adds x times the weights of as many channels. most is the room after
// sums were taken apart.
func (s *pairSums) products(x []int16, w []pairs, most int) {
	for len(x) > most {
		s.products(x[:most], w[:most], most)
		x, w = x[most:], w[most:]
	}
	if s.room -= len(x); s.room < 0 {
		s.takeApart()
		s.room = most - len(x)
	}
	w = w[:len(x)]
	p0, p1, p2, p3 := s.p[0], s.p[1], s.p[2], s.p[3]
	for k, v := range x {
		a, b := int64(v), &w[k]
		p0 += a * b[0]
		p1 += a * b[1]
		p2 += a * b[2]
		p3 += a * b[3]
	}
	s.p[0], s.p[1], s.p[2], s.p[3] = p0, p1, p2, p3
}

// takeApart moves what is in pairs to the sums done.
func (s *pairSums) takeApart() {
	for i := range s.p {
		p := s.p[i]
		low := int32(p)
		s.done[2*i] += low
		s.done[2*i+1] += int32((p - int64(low)) >> 32)
		s.p[i] = 0
	}
}

// sums returns the sums of the 8 columns, modulo 2^32.
func (s *pairSums) sums() *[lanes]int32 {
	s.takeApart()
	return &s.done
}
