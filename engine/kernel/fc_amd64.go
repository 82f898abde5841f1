//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import "simd/archsimd"

// packFC leaves the weights as they are, [col][k]: columns are sums over whole
// vectors of channels.
func packFC(w []int8, cols, k int) *FCWeights { return packFCPortable(w, cols, k) }

func fullyConnected(out, in []int16, w *FCWeights, rq *Requant) {
	if body == portable {
		fullyConnectedPortable(out, in, w, rq)
		return
	}
	fullyConnectedPlain(out, in, w, rq, fcColumns)
	archsimd.ClearAVXUpperBits()
}

// fcColumns returns the sums of products of in with each of fcCols columns.
func fcColumns(in []int16, w []int8) [fcCols]int32 {
	var s0, s1, s2, s3 archsimd.Int32x8
	k := len(in)
	w0, w1, w2, w3 := w[:k], w[k:][:k], w[2*k:][:k], w[3*k:][:k]
	i := 0
	for ; i+16 <= k; i += 16 {
		x := archsimd.LoadInt16x16(in[i:])
		s0 = s0.Add(x.DotProductPairs(archsimd.LoadInt8x16(w0[i:]).ExtendToInt16()))
		s1 = s1.Add(x.DotProductPairs(archsimd.LoadInt8x16(w1[i:]).ExtendToInt16()))
		s2 = s2.Add(x.DotProductPairs(archsimd.LoadInt8x16(w2[i:]).ExtendToInt16()))
		s3 = s3.Add(x.DotProductPairs(archsimd.LoadInt8x16(w3[i:]).ExtendToInt16()))
	}
	var sums [fcCols]int32
	s := s0.ConcatAddPairsGrouped(s1).ConcatAddPairsGrouped(s2.ConcatAddPairsGrouped(s3))
	s.GetLo().Add(s.GetHi()).Store(sums[:])
	for ; i < k; i++ {
		x := int32(in[i])
		sums[0] += x * int32(w0[i])
		sums[1] += x * int32(w1[i])
		sums[2] += x * int32(w2[i])
		sums[3] += x * int32(w3[i])
	}
	return sums
}
