//go:build goexperiment.simd && (wasm || arm64) && !nosimd

package kernel

import "simd/archsimd"

// The eight points are two vectors of four.

func repel2(p *Points2, sources []float32) {
	one := archsimd.BroadcastFloat32x4(1)
	x0, y0 := archsimd.LoadFloat32x4Array((*[4]float32)(p.X[0:])), archsimd.LoadFloat32x4Array((*[4]float32)(p.Y[0:]))
	x1, y1 := archsimd.LoadFloat32x4Array((*[4]float32)(p.X[4:])), archsimd.LoadFloat32x4Array((*[4]float32)(p.Y[4:]))
	var fx0, fy0, sum0, fx1, fy1, sum1 archsimd.Float32x4
	for s := sources; len(s) >= 3; s = s[3:] {
		sx, sy, weight := archsimd.BroadcastFloat32x4(s[0]), archsimd.BroadcastFloat32x4(s[1]), archsimd.BroadcastFloat32x4(s[2])
		dx0, dy0 := x0.Sub(sx), y0.Sub(sy)
		dx1, dy1 := x1.Sub(sx), y1.Sub(sy)
		q0 := one.Div(one.Add(dx0.Mul(dx0).Add(dy0.Mul(dy0))))
		q1 := one.Div(one.Add(dx1.Mul(dx1).Add(dy1.Mul(dy1))))
		w0 := weight.Mul(q0)
		w1 := weight.Mul(q1)
		sum0 = sum0.Add(w0)
		w0 = w0.Mul(q0)
		sum1 = sum1.Add(w1)
		w1 = w1.Mul(q1)
		fx0 = fx0.Add(w0.Mul(dx0))
		fy0 = fy0.Add(w0.Mul(dy0))
		fx1 = fx1.Add(w1.Mul(dx1))
		fy1 = fy1.Add(w1.Mul(dy1))
	}
	fx0.StoreArray((*[4]float32)(p.ForceX[0:]))
	fy0.StoreArray((*[4]float32)(p.ForceY[0:]))
	sum0.StoreArray((*[4]float32)(p.Sum[0:]))
	fx1.StoreArray((*[4]float32)(p.ForceX[4:]))
	fy1.StoreArray((*[4]float32)(p.ForceY[4:]))
	sum1.StoreArray((*[4]float32)(p.Sum[4:]))
}

func repel3(p *Points3, sources []float32) {
	one := archsimd.BroadcastFloat32x4(1)
	x0, y0, z0 := archsimd.LoadFloat32x4Array((*[4]float32)(p.X[0:])), archsimd.LoadFloat32x4Array((*[4]float32)(p.Y[0:])), archsimd.LoadFloat32x4Array((*[4]float32)(p.Z[0:]))
	x1, y1, z1 := archsimd.LoadFloat32x4Array((*[4]float32)(p.X[4:])), archsimd.LoadFloat32x4Array((*[4]float32)(p.Y[4:])), archsimd.LoadFloat32x4Array((*[4]float32)(p.Z[4:]))
	var fx0, fy0, fz0, sum0, fx1, fy1, fz1, sum1 archsimd.Float32x4
	for s := sources; len(s) >= 4; s = s[4:] {
		sx, sy, sz, weight := archsimd.BroadcastFloat32x4(s[0]), archsimd.BroadcastFloat32x4(s[1]), archsimd.BroadcastFloat32x4(s[2]), archsimd.BroadcastFloat32x4(s[3])
		dx0, dy0, dz0 := x0.Sub(sx), y0.Sub(sy), z0.Sub(sz)
		dx1, dy1, dz1 := x1.Sub(sx), y1.Sub(sy), z1.Sub(sz)
		q0 := one.Div(one.Add(dx0.Mul(dx0).Add(dy0.Mul(dy0)).Add(dz0.Mul(dz0))))
		q1 := one.Div(one.Add(dx1.Mul(dx1).Add(dy1.Mul(dy1)).Add(dz1.Mul(dz1))))
		w0 := weight.Mul(q0)
		w1 := weight.Mul(q1)
		sum0 = sum0.Add(w0)
		w0 = w0.Mul(q0)
		sum1 = sum1.Add(w1)
		w1 = w1.Mul(q1)
		fx0 = fx0.Add(w0.Mul(dx0))
		fy0 = fy0.Add(w0.Mul(dy0))
		fz0 = fz0.Add(w0.Mul(dz0))
		fx1 = fx1.Add(w1.Mul(dx1))
		fy1 = fy1.Add(w1.Mul(dy1))
		fz1 = fz1.Add(w1.Mul(dz1))
	}
	fx0.StoreArray((*[4]float32)(p.ForceX[0:]))
	fy0.StoreArray((*[4]float32)(p.ForceY[0:]))
	fz0.StoreArray((*[4]float32)(p.ForceZ[0:]))
	sum0.StoreArray((*[4]float32)(p.Sum[0:]))
	fx1.StoreArray((*[4]float32)(p.ForceX[4:]))
	fy1.StoreArray((*[4]float32)(p.ForceY[4:]))
	fz1.StoreArray((*[4]float32)(p.ForceZ[4:]))
	sum1.StoreArray((*[4]float32)(p.Sum[4:]))
}
