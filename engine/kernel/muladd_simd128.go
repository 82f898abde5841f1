//go:build goexperiment.simd && (wasm || arm64) && !nosimd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

func mulAdd(dst []float32, a Matrix, b []float32, rows, depth, cols int) {
	mulAddTiles(dst, a, b, rows, depth, cols, 8, mulAddTile)
}

func four(p *float32) *[4]float32 { return (*[4]float32)(unsafe.Pointer(p)) }

func mulAddTile(dst *float32, cols int, a *float32, row, step int, b *float32, across, depth, width int) {
	if width == 8 {
		mulAddTile8(dst, cols, a, row, step, b, across, depth)
		return
	}
	p0, p1, p2, p3 := four(dst), four(at(dst, cols)), four(at(dst, 2*cols)), four(at(dst, 3*cols))
	s0, s1, s2, s3 := archsimd.LoadFloat32x4Array(p0), archsimd.LoadFloat32x4Array(p1), archsimd.LoadFloat32x4Array(p2), archsimd.LoadFloat32x4Array(p3)
	for k := 0; ; {
		v := archsimd.LoadFloat32x4Array(four(b))
		s0 = s0.Add(archsimd.BroadcastFloat32x4(*a).Mul(v))
		s1 = s1.Add(archsimd.BroadcastFloat32x4(*at(a, row)).Mul(v))
		s2 = s2.Add(archsimd.BroadcastFloat32x4(*at(a, 2*row)).Mul(v))
		s3 = s3.Add(archsimd.BroadcastFloat32x4(*at(a, 3*row)).Mul(v))
		if k++; k == depth { // no pointer leaves its operand
			break
		}
		a, b = at(a, step), at(b, across)
	}
	s0.StoreArray(p0)
	s1.StoreArray(p1)
	s2.StoreArray(p2)
	s3.StoreArray(p3)
}

func mulAddTile8(dst *float32, cols int, a *float32, row, step int, b *float32, across, depth int) {
	p0, p1, p2, p3 := four(dst), four(at(dst, cols)), four(at(dst, 2*cols)), four(at(dst, 3*cols))
	q0, q1, q2, q3 := four(at(dst, 4)), four(at(dst, cols+4)), four(at(dst, 2*cols+4)), four(at(dst, 3*cols+4))
	s0, s1, s2, s3 := archsimd.LoadFloat32x4Array(p0), archsimd.LoadFloat32x4Array(p1), archsimd.LoadFloat32x4Array(p2), archsimd.LoadFloat32x4Array(p3)
	t0, t1, t2, t3 := archsimd.LoadFloat32x4Array(q0), archsimd.LoadFloat32x4Array(q1), archsimd.LoadFloat32x4Array(q2), archsimd.LoadFloat32x4Array(q3)
	for k := 0; ; {
		v, w := archsimd.LoadFloat32x4Array(four(b)), archsimd.LoadFloat32x4Array(four(at(b, 4)))
		x := archsimd.BroadcastFloat32x4(*a)
		s0, t0 = s0.Add(x.Mul(v)), t0.Add(x.Mul(w))
		x = archsimd.BroadcastFloat32x4(*at(a, row))
		s1, t1 = s1.Add(x.Mul(v)), t1.Add(x.Mul(w))
		x = archsimd.BroadcastFloat32x4(*at(a, 2*row))
		s2, t2 = s2.Add(x.Mul(v)), t2.Add(x.Mul(w))
		x = archsimd.BroadcastFloat32x4(*at(a, 3*row))
		s3, t3 = s3.Add(x.Mul(v)), t3.Add(x.Mul(w))
		if k++; k == depth {
			break
		}
		a, b = at(a, step), at(b, across)
	}
	s0.StoreArray(p0)
	s1.StoreArray(p1)
	s2.StoreArray(p2)
	s3.StoreArray(p3)
	t0.StoreArray(q0)
	t1.StoreArray(q1)
	t2.StoreArray(q2)
	t3.StoreArray(q3)
}
