//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

func mulAdd(dst []float32, a Matrix, b []float32, rows, depth, cols int) {
	if body == portable {
		mulAddPortable(dst, a, b, rows, depth, cols)
		return
	}
	mulAddTiles(dst, a, b, rows, depth, cols, 16, mulAddTile)
	archsimd.ClearAVXUpperBits()
}

func four(p *float32) *[4]float32  { return (*[4]float32)(unsafe.Pointer(p)) }
func eight(p *float32) *[8]float32 { return (*[8]float32)(unsafe.Pointer(p)) }

func mulAddTile(dst *float32, cols int, a *float32, row, step int, b *float32, across, depth, width int) {
	switch width {
	case 16:
		mulAddTile16(dst, cols, a, row, step, b, across, depth)
	case 8:
		mulAddTile8(dst, cols, a, row, step, b, across, depth)
	default:
		mulAddTile4(dst, cols, a, row, step, b, across, depth)
	}
}

func mulAddTile4(dst *float32, cols int, a *float32, row, step int, b *float32, across, depth int) {
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
	p0, p1, p2, p3 := eight(dst), eight(at(dst, cols)), eight(at(dst, 2*cols)), eight(at(dst, 3*cols))
	s0, s1, s2, s3 := archsimd.LoadFloat32x8Array(p0), archsimd.LoadFloat32x8Array(p1), archsimd.LoadFloat32x8Array(p2), archsimd.LoadFloat32x8Array(p3)
	for k := 0; ; {
		v := archsimd.LoadFloat32x8Array(eight(b))
		s0 = s0.Add(archsimd.BroadcastFloat32x8(*a).Mul(v))
		s1 = s1.Add(archsimd.BroadcastFloat32x8(*at(a, row)).Mul(v))
		s2 = s2.Add(archsimd.BroadcastFloat32x8(*at(a, 2*row)).Mul(v))
		s3 = s3.Add(archsimd.BroadcastFloat32x8(*at(a, 3*row)).Mul(v))
		if k++; k == depth {
			break
		}
		a, b = at(a, step), at(b, across)
	}
	s0.StoreArray(p0)
	s1.StoreArray(p1)
	s2.StoreArray(p2)
	s3.StoreArray(p3)
}

func mulAddTile16(dst *float32, cols int, a *float32, row, step int, b *float32, across, depth int) {
	p0, p1, p2, p3 := eight(dst), eight(at(dst, cols)), eight(at(dst, 2*cols)), eight(at(dst, 3*cols))
	q0, q1, q2, q3 := eight(at(dst, 8)), eight(at(dst, cols+8)), eight(at(dst, 2*cols+8)), eight(at(dst, 3*cols+8))
	s0, s1, s2, s3 := archsimd.LoadFloat32x8Array(p0), archsimd.LoadFloat32x8Array(p1), archsimd.LoadFloat32x8Array(p2), archsimd.LoadFloat32x8Array(p3)
	t0, t1, t2, t3 := archsimd.LoadFloat32x8Array(q0), archsimd.LoadFloat32x8Array(q1), archsimd.LoadFloat32x8Array(q2), archsimd.LoadFloat32x8Array(q3)
	for k := 0; ; {
		v, w := archsimd.LoadFloat32x8Array(eight(b)), archsimd.LoadFloat32x8Array(eight(at(b, 8)))
		x := archsimd.BroadcastFloat32x8(*a)
		s0, t0 = s0.Add(x.Mul(v)), t0.Add(x.Mul(w))
		x = archsimd.BroadcastFloat32x8(*at(a, row))
		s1, t1 = s1.Add(x.Mul(v)), t1.Add(x.Mul(w))
		x = archsimd.BroadcastFloat32x8(*at(a, 2*row))
		s2, t2 = s2.Add(x.Mul(v)), t2.Add(x.Mul(w))
		x = archsimd.BroadcastFloat32x8(*at(a, 3*row))
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
