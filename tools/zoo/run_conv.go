package zoo

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"likeness/tools/convert/nd"
)

func matrix(rows, cols int, v []float32) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: v}
}

// runConv is a matrix product for each group: weights [O, I*KH*KW] with the
// patches [I*KH*KW, OH*OW]; single channels are summed directly.
func runConv(node *nd.Node, in []*nd.Tensor) *nd.Tensor {
	x, w := in[0], in[1]
	a := node.Attrs
	groups, s := int(a["group"].Int), int(a["strides"].Ints[0])
	ph, pw := int(a["pads"].Ints[0]), int(a["pads"].Ints[1])
	kh, kw, per := w.Shape[2], w.Shape[3], w.Shape[1]
	h, wd := x.Shape[2], x.Shape[3]
	oh, ow := (h+2*ph-kh)/s+1, (wd+2*pw-kw)/s+1
	y := fresh(1, w.Shape[0], oh, ow)
	each, plane := w.Shape[0]/groups, oh*ow
	for g := range groups {
		src := x.F[g*per*h*wd:][:per*h*wd]
		patches := src
		if kh*kw > 1 || s > 1 {
			patches = gather(src, per, h, wd, kh, kw, s, ph, pw, oh, ow)
		}
		k := per * kh * kw
		dst, taps := y.F[g*each*plane:][:each*plane], w.F[g*each*k:][:each*k]
		if each == 1 {
			for i, t := range taps {
				for p, v := range patches[i*plane:][:plane] {
					dst[p] += float32(t * v)
				}
			}
			continue
		}
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, matrix(each, k, taps), matrix(k, plane, patches), 0, matrix(each, plane, dst))
	}
	if len(in) > 2 {
		for o, b := range in[2].F {
			for i := range plane {
				y.F[o*plane+i] += b
			}
		}
	}
	return y
}

// gather lays out the patches under each tap.
func gather(x []float32, c, h, w, kh, kw, s, ph, pw, oh, ow int) []float32 {
	out := make([]float32, c*kh*kw*oh*ow)
	row := out
	for ch := range c {
		for a := range kh {
			for b := range kw {
				for i := range oh {
					v := i*s - ph + a
					if v >= 0 && v < h {
						line := x[(ch*h+v)*w:][:w]
						for j := range ow {
							if u := j*s - pw + b; u >= 0 && u < w {
								row[j] = line[u]
							}
						}
					}
					row = row[ow:]
				}
			}
		}
	}
	return out
}

// runProduct is Gemm with transB, or MatMul with a matrix on the right.
func runProduct(node *nd.Node, in []*nd.Tensor) *nd.Tensor {
	x, w := in[0], in[1]
	k := x.Shape[len(x.Shape)-1]
	rows, cols, trans := len(x.F)/k, w.Shape[1], blas.NoTrans
	if node.Op == "Gemm" {
		cols, trans = w.Shape[0], blas.Trans
	}
	shape := append([]int(nil), x.Shape...)
	shape[len(shape)-1] = cols
	y := fresh(shape...)
	blas32.Gemm(blas.NoTrans, trans, 1, matrix(rows, k, x.F), matrix(w.Shape[0], w.Shape[1], w.F), 0, matrix(rows, cols, y.F))
	if len(in) > 2 {
		for i := range y.F {
			y.F[i] += in[2].F[i%cols]
		}
	}
	return y
}
