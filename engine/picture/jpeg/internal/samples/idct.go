package samples

// Constants of the transform of Loeffler, Ligtenberg and Moschytz times 1<<13,
// rounded one by one as its accurate integer form has them.
const (
	fixBits = 13
	fix0298 = 2446
	fix0390 = 3196
	fix0541 = 4433
	fix0765 = 6270
	fix0899 = 7373
	fix1175 = 9633
	fix1501 = 12299
	fix1847 = 15137
	fix1961 = 16069
	fix2053 = 16819
	fix2562 = 20995
	fix3072 = 25172

	// firstBits are kept below the point between the passes.
	firstBits   = 2
	firstShift  = fixBits - firstBits
	secondShift = fixBits + firstBits + 3
)

// IDCT8 is the inverse transform of a block to 8 x 8 samples, rows stride
// apart, with the bits of the customary accurate integer transform. For
// coefficients that no encoder writes: products with the table are kept in 16
// bits, sums wrap in 32, and what is between the passes and the samples is
// clamped to 16 and to 8 bits.
func IDCT8(dst []byte, stride int, b *Block, q *Quant) {
	if stride < 8 || len(dst) < 7*stride+8 {
		panic("samples: IDCT8: destination too short")
	}
	idct8(dst, stride, b, q)
}

func idct8Portable(dst []byte, stride int, b *Block, q *Quant) {
	var work [64]int16
	for x := range 8 {
		c, k := b[x:][:57], q[x:][:57]
		in0 := int32(c[0] * int16(k[0]))
		if c[8]|c[16]|c[24]|c[32]|c[40]|c[48]|c[56] == 0 {
			v := clamp16(in0 << firstBits)
			w := work[x:][:57]
			w[0], w[8], w[16], w[24], w[32], w[40], w[48], w[56] = v, v, v, v, v, v, v, v
			continue
		}
		in := [8]int32{
			in0, int32(c[8] * int16(k[8])), int32(c[16] * int16(k[16])), int32(c[24] * int16(k[24])),
			int32(c[32] * int16(k[32])), int32(c[40] * int16(k[40])), int32(c[48] * int16(k[48])), int32(c[56] * int16(k[56])),
		}
		line(&in, 1<<(firstShift-1))
		w := work[x:][:57]
		for i, v := range in {
			w[8*i] = clamp16(v >> firstShift)
		}
	}
	for y := range 8 {
		w := (*[8]int16)(work[8*y:])
		d := (*[8]byte)(dst[y*stride:])
		in := [8]int32{
			int32(w[0]), int32(w[1]), int32(w[2]), int32(w[3]),
			int32(w[4]), int32(w[5]), int32(w[6]), int32(w[7]),
		}
		line(&in, 128<<secondShift+1<<(secondShift-1))
		for i, v := range in {
			d[i] = clamp(v >> secondShift)
		}
	}
}

// line is the transform of one row or column, in place, times 1<<fixBits, with
// half added to each value.
func line(v *[8]int32, half int32) {
	z1 := (v[2] + v[6]) * fix0541
	t2, t3 := z1-v[6]*fix1847, z1+v[2]*fix0765
	t0, t1 := (v[0]+v[4])<<fixBits+half, (v[0]-v[4])<<fixBits+half
	e0, e3, e1, e2 := t0+t3, t0-t3, t1+t2, t1-t2

	t0, t1, t2, t3 = v[7], v[5], v[3], v[1]
	z1, z2, z3, z4 := t0+t3, t1+t2, t0+t2, t1+t3
	z5 := (z3 + z4) * fix1175
	z1, z2 = z1*-fix0899, z2*-fix2562
	z3, z4 = z5-z3*fix1961, z5-z4*fix0390
	t0, t1 = t0*fix0298+z1+z3, t1*fix2053+z2+z4
	t2, t3 = t2*fix3072+z2+z3, t3*fix1501+z1+z4

	v[0], v[7] = e0+t3, e0-t3
	v[1], v[6] = e1+t2, e1-t2
	v[2], v[5] = e2+t1, e2-t1
	v[3], v[4] = e3+t0, e3-t0
}

func clamp16(v int32) int16 {
	if int32(int16(v)) != v {
		return int16(v>>31) ^ 0x7FFF
	}
	return int16(v)
}
