//go:build goexperiment.simd && arm64 && !nosimd

package kernel

import "simd/archsimd"

// limits clamps to lo to hi.
type limits struct{ lo, hi archsimd.Int16x8 }

func newLimits(lo, hi int16) limits {
	return limits{archsimd.BroadcastInt16x8(lo), archsimd.BroadcastInt16x8(hi)}
}

// round is roundClamp on 8 numbers: rounding and narrowing saturate, so the
// clamping may come last.
func (l limits) round(low, high archsimd.Float32x4) archsimd.Int16x8 {
	return narrow(low, high).Max(l.lo).Min(l.hi)
}

// scaled returns the 8 numbers at x times m.
func scaled(x []int16, m archsimd.Float32x4) (low, high archsimd.Float32x4) {
	l, h := widen(archsimd.LoadInt16x8(x))
	return l.ConvertToFloat32().Mul(m), h.ConvertToFloat32().Mul(m)
}

func addVector(out, a, b []int16, ma, mb float32, lo, hi int16) int {
	va, vb, clamp := archsimd.BroadcastFloat32x4(ma), archsimd.BroadcastFloat32x4(mb), newLimits(lo, hi)
	i := 0
	for ; i+8 <= len(out); i += 8 {
		al, ah := scaled(a[i:], va)
		bl, bh := scaled(b[i:], vb)
		clamp.round(al.Add(bl), ah.Add(bh)).Store(out[i:])
	}
	return i
}

func mulVector(out, a, b []int16, m float32, lo, hi int16) int {
	vm, clamp := archsimd.BroadcastFloat32x4(m), newLimits(lo, hi)
	i := 0
	for ; i+8 <= len(out); i += 8 {
		x, y := archsimd.LoadInt16x8(a[i:]), archsimd.LoadInt16x8(b[i:])
		low, high := x.MulWidenLo(y), x.HiToLo().MulWidenLo(y.HiToLo())
		clamp.round(low.ConvertToFloat32().Mul(vm), high.ConvertToFloat32().Mul(vm)).Store(out[i:])
	}
	return i
}

func scaleVector(out, a []int16, m float32, lo, hi int16) int {
	vm, clamp := archsimd.BroadcastFloat32x4(m), newLimits(lo, hi)
	i := 0
	for ; i+8 <= len(out); i += 8 {
		clamp.round(scaled(a[i:], vm)).Store(out[i:])
	}
	return i
}
