//go:build goexperiment.simd && arm64 && !nosimd

package samples

import (
	"encoding/binary"
	"simd/archsimd"
)

// eight is a line of numbers of four columns, or of four rows.
type eight [8]archsimd.Int32x4

func idct8(dst []byte, stride int, b *Block, q *Quant) {
	var rows [8]archsimd.Int16x8
	for i := range rows {
		rows[i] = archsimd.LoadInt16x8Array((*[8]int16)(b[8*i:])).Mul(archsimd.LoadUint16x8Array((*[8]uint16)(q[8*i:])).BitsToInt16())
	}
	low, high := halves(&rows)
	lines(&low, 1<<(firstShift-1))
	lines(&high, 1<<(firstShift-1))
	for i := range rows {
		rows[i] = pack(low[i].ShiftAllRight(firstShift), high[i].ShiftAllRight(firstShift))
	}
	transpose(&rows)
	low, high = halves(&rows)
	lines(&low, 128<<secondShift+1<<(secondShift-1))
	lines(&high, 128<<secondShift+1<<(secondShift-1))
	var columns [8]archsimd.Uint8x16 // of 8 samples
	for i := range columns {
		columns[i] = pack(low[i].ShiftAllRight(secondShift), high[i].ShiftAllRight(secondShift)).SaturateToUint8()
	}
	storeColumns(dst, stride, &columns)
}

// halves widens the left and the right four of each row.
func halves(rows *[8]archsimd.Int16x8) (low, high eight) {
	for i, r := range rows {
		low[i], high[i] = r.ExtendLo4ToInt32(), r.HiToLo().ExtendLo4ToInt32()
	}
	return low, high
}

// transpose exchanges rows and columns, by three times zipping each row with
// the one four below.
func transpose(r *[8]archsimd.Int16x8) {
	for range 3 {
		a, b, c, d, e, f, g, h := r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]
		r[0], r[1], r[2], r[3] = a.InterleaveLo(e), a.InterleaveHi(e), b.InterleaveLo(f), b.InterleaveHi(f)
		r[4], r[5], r[6], r[7] = c.InterleaveLo(g), c.InterleaveHi(g), d.InterleaveLo(h), d.InterleaveHi(h)
	}
}

// storeColumns writes columns of 8 samples as rows.
func storeColumns(dst []byte, stride int, c *[8]archsimd.Uint8x16) {
	p01, p23 := c[0].InterleaveLo(c[1]).ReshapeToUint16s(), c[2].InterleaveLo(c[3]).ReshapeToUint16s()
	p45, p67 := c[4].InterleaveLo(c[5]).ReshapeToUint16s(), c[6].InterleaveLo(c[7]).ReshapeToUint16s()
	for i, left := range [2]archsimd.Uint16x8{p01.InterleaveLo(p23), p01.InterleaveHi(p23)} {
		right := p45.InterleaveLo(p67)
		if i == 1 {
			right = p45.InterleaveHi(p67)
		}
		l, r := left.ReshapeToUint8s().ReshapeToUint32s(), right.ReshapeToUint8s().ReshapeToUint32s()
		upper := l.InterleaveLo(r).ReshapeToUint8s().ReshapeToUint64s()
		lower := l.InterleaveHi(r).ReshapeToUint8s().ReshapeToUint64s()
		d := dst[4*i*stride:]
		binary.LittleEndian.PutUint64(d, upper.GetElem(0))
		binary.LittleEndian.PutUint64(d[stride:], upper.GetElem(1))
		binary.LittleEndian.PutUint64(d[2*stride:], lower.GetElem(0))
		binary.LittleEndian.PutUint64(d[3*stride:], lower.GetElem(1))
	}
}

// lines is line for four lines.
func lines(v *eight, half int32) {
	times := func(x archsimd.Int32x4, f int32) archsimd.Int32x4 { return x.Mul(archsimd.BroadcastInt32x4(f)) }
	h := archsimd.BroadcastInt32x4(half)
	z1 := times(v[2].Add(v[6]), fix0541)
	t2, t3 := z1.Sub(times(v[6], fix1847)), z1.Add(times(v[2], fix0765))
	t0, t1 := v[0].Add(v[4]).ShiftAllLeft(fixBits).Add(h), v[0].Sub(v[4]).ShiftAllLeft(fixBits).Add(h)
	e0, e3, e1, e2 := t0.Add(t3), t0.Sub(t3), t1.Add(t2), t1.Sub(t2)

	t0, t1, t2, t3 = v[7], v[5], v[3], v[1]
	z1, z2, z3, z4 := t0.Add(t3), t1.Add(t2), t0.Add(t2), t1.Add(t3)
	z5 := times(z3.Add(z4), fix1175)
	z1, z2 = times(z1, -fix0899), times(z2, -fix2562)
	z3, z4 = z5.Sub(times(z3, fix1961)), z5.Sub(times(z4, fix0390))
	t0, t1 = times(t0, fix0298).Add(z1).Add(z3), times(t1, fix2053).Add(z2).Add(z4)
	t2, t3 = times(t2, fix3072).Add(z2).Add(z3), times(t3, fix1501).Add(z1).Add(z4)

	v[0], v[7] = e0.Add(t3), e0.Sub(t3)
	v[1], v[6] = e1.Add(t2), e1.Sub(t2)
	v[2], v[5] = e2.Add(t1), e2.Sub(t1)
	v[3], v[4] = e3.Add(t0), e3.Sub(t0)
}

func idct4(dst []byte, stride int, b *[16]int16, m *Reduced) {
	var v [4]archsimd.Int32x4
	round := archsimd.BroadcastInt32x4(1 << (dropBits - 1))
	for i := range 2 {
		x := archsimd.LoadInt16x8Array((*[8]int16)(b[8*i:]))
		v[2*i] = clamped(x.ExtendLo4ToInt32().Mul(archsimd.LoadInt32x4Array((*[4]int32)(m[8*i:]))).Add(round).ShiftAllRight(dropBits))
		v[2*i+1] = clamped(x.HiToLo().ExtendLo4ToInt32().Mul(archsimd.LoadInt32x4Array((*[4]int32)(m[8*i+4:]))).Add(round).ShiftAllRight(dropBits))
	}
	lines4(&v, halfColumn)
	for i, x := range v {
		v[i] = clamped(x.ShiftAllRight(factorBits))
	}
	transpose4(&v)
	lines4(&v, biasRow)
	transpose4(&v)
	for i, x := range v {
		row := x.ShiftAllRight(factorBits + fractionBits).SaturateToInt16().SaturateToUint8().ReshapeToUint32s()
		binary.LittleEndian.PutUint32(dst[i*stride:], row.GetElem(0))
	}
}

// clamped is clamp16 of four numbers.
func clamped(x archsimd.Int32x4) archsimd.Int32x4 { return x.SaturateToInt16().ExtendLo4ToInt32() }

// lines4 is line4 for four lines.
func lines4(v *[4]archsimd.Int32x4, half int32) {
	one, tan, h := archsimd.BroadcastInt32x4(factorOne), archsimd.BroadcastInt32x4(factorTan), archsimd.BroadcastInt32x4(half)
	e0, e1 := v[0].Add(v[2]).Mul(one).Add(h), v[0].Sub(v[2]).Mul(one).Add(h)
	o0, o1 := v[1].Mul(one).Add(v[3].Mul(tan)), v[1].Mul(tan).Sub(v[3].Mul(one))
	v[0], v[1], v[2], v[3] = e0.Add(o0), e1.Add(o1), e1.Sub(o1), e0.Sub(o0)
}

// transpose4 exchanges rows and columns.
func transpose4(v *[4]archsimd.Int32x4) {
	for range 2 {
		a, b, c, d := v[0], v[1], v[2], v[3]
		v[0], v[1], v[2], v[3] = a.InterleaveLo(c), a.InterleaveHi(c), b.InterleaveLo(d), b.InterleaveHi(d)
	}
}
