//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import "simd/archsimd"

func repel2(p *Points2, sources []float32) {
	if body == portable {
		repel2Portable(p, sources)
		return
	}
	repel2Vector(p, sources)
}

func repel3(p *Points3, sources []float32) {
	if body == portable {
		repel3Portable(p, sources)
		return
	}
	repel3Vector(p, sources)
}

func repel2Vector(p *Points2, sources []float32) {
	one := archsimd.BroadcastFloat32x8(1)
	x0, y0 := archsimd.LoadFloat32x8Array(&p.X), archsimd.LoadFloat32x8Array(&p.Y)
	var fx0, fy0, sum0 archsimd.Float32x8
	for s := sources; len(s) >= 3; s = s[3:] {
		sx, sy, weight := archsimd.BroadcastFloat32x8(s[0]), archsimd.BroadcastFloat32x8(s[1]), archsimd.BroadcastFloat32x8(s[2])
		dx0, dy0 := x0.Sub(sx), y0.Sub(sy)
		q0 := one.Div(one.Add(dx0.Mul(dx0).Add(dy0.Mul(dy0))))
		w0 := weight.Mul(q0)
		sum0 = sum0.Add(w0)
		w0 = w0.Mul(q0)
		fx0 = fx0.Add(w0.Mul(dx0))
		fy0 = fy0.Add(w0.Mul(dy0))
	}
	fx0.StoreArray(&p.ForceX)
	fy0.StoreArray(&p.ForceY)
	sum0.StoreArray(&p.Sum)
	archsimd.ClearAVXUpperBits()
}

func repel3Vector(p *Points3, sources []float32) {
	one := archsimd.BroadcastFloat32x8(1)
	x0, y0, z0 := archsimd.LoadFloat32x8Array(&p.X), archsimd.LoadFloat32x8Array(&p.Y), archsimd.LoadFloat32x8Array(&p.Z)
	var fx0, fy0, fz0, sum0 archsimd.Float32x8
	for s := sources; len(s) >= 4; s = s[4:] {
		sx, sy, sz, weight := archsimd.BroadcastFloat32x8(s[0]), archsimd.BroadcastFloat32x8(s[1]), archsimd.BroadcastFloat32x8(s[2]), archsimd.BroadcastFloat32x8(s[3])
		dx0, dy0, dz0 := x0.Sub(sx), y0.Sub(sy), z0.Sub(sz)
		q0 := one.Div(one.Add(dx0.Mul(dx0).Add(dy0.Mul(dy0)).Add(dz0.Mul(dz0))))
		w0 := weight.Mul(q0)
		sum0 = sum0.Add(w0)
		w0 = w0.Mul(q0)
		fx0 = fx0.Add(w0.Mul(dx0))
		fy0 = fy0.Add(w0.Mul(dy0))
		fz0 = fz0.Add(w0.Mul(dz0))
	}
	fx0.StoreArray(&p.ForceX)
	fy0.StoreArray(&p.ForceY)
	fz0.StoreArray(&p.ForceZ)
	sum0.StoreArray(&p.Sum)
	archsimd.ClearAVXUpperBits()
}
