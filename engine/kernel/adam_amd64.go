//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import "simd/archsimd"

func adam(s AdamState, step, root, keep float32) {
	if body == portable {
		adamPortable(s, step, root, keep)
		return
	}
	adamVector(s, step, root, keep)
}

func adamVector(s AdamState, step, root, keep float32) {
	steps, roots, keeps := archsimd.BroadcastFloat32x8(step), archsimd.BroadcastFloat32x8(root), archsimd.BroadcastFloat32x8(keep)
	beta1, rest1 := archsimd.BroadcastFloat32x8(AdamBeta1), archsimd.BroadcastFloat32x8(1-AdamBeta1)
	beta2, rest2 := archsimd.BroadcastFloat32x8(AdamBeta2), archsimd.BroadcastFloat32x8(1-AdamBeta2)
	tiny := archsimd.BroadcastFloat32x8(adamTiny)
	i := 0
	for ; i+8 <= len(s.Weights); i += 8 {
		w, m, q := (*[8]float32)(s.Weights[i:]), (*[8]float32)(s.Mean[i:]), (*[8]float32)(s.Square[i:])
		g := archsimd.LoadFloat32x8Array((*[8]float32)(s.Gradient[i:]))
		mean := archsimd.LoadFloat32x8Array(m).Mul(beta1).Add(g.Mul(rest1))
		square := archsimd.LoadFloat32x8Array(q).Mul(beta2).Add(g.Mul(g).Mul(rest2))
		mean.StoreArray(m)
		square.StoreArray(q)
		move := steps.Mul(mean).Div(square.Sqrt().Mul(roots).Add(tiny))
		archsimd.LoadFloat32x8Array(w).Mul(keeps).Sub(move).StoreArray(w)
	}
	archsimd.ClearAVXUpperBits()
	adamPortable(s.from(i), step, root, keep)
}
