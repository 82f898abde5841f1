//go:build goexperiment.simd && (wasm || arm64) && !nosimd

package kernel

import "simd/archsimd"

func adam(s AdamState, step, root, keep float32) {
	steps, roots, keeps := archsimd.BroadcastFloat32x4(step), archsimd.BroadcastFloat32x4(root), archsimd.BroadcastFloat32x4(keep)
	beta1, rest1 := archsimd.BroadcastFloat32x4(AdamBeta1), archsimd.BroadcastFloat32x4(1-AdamBeta1)
	beta2, rest2 := archsimd.BroadcastFloat32x4(AdamBeta2), archsimd.BroadcastFloat32x4(1-AdamBeta2)
	tiny := archsimd.BroadcastFloat32x4(adamTiny)
	i := 0
	for ; i+4 <= len(s.Weights); i += 4 {
		w, m, q := (*[4]float32)(s.Weights[i:]), (*[4]float32)(s.Mean[i:]), (*[4]float32)(s.Square[i:])
		g := archsimd.LoadFloat32x4Array((*[4]float32)(s.Gradient[i:]))
		mean := archsimd.LoadFloat32x4Array(m).Mul(beta1).Add(g.Mul(rest1))
		square := archsimd.LoadFloat32x4Array(q).Mul(beta2).Add(g.Mul(g).Mul(rest2))
		mean.StoreArray(m)
		square.StoreArray(q)
		move := steps.Mul(mean).Div(square.Sqrt().Mul(roots).Add(tiny))
		archsimd.LoadFloat32x4Array(w).Mul(keeps).Sub(move).StoreArray(w)
	}
	adamPortable(s.from(i), step, root, keep)
}
