//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import (
	"simd/archsimd"
	"unsafe"
)

// packDepthwise pairs taps, with a zero weight for the last if they are odd, and
// stores for each block of channels, for each pair, the two weights of every
// channel: [block][pair][channel][2]. Within a block come the first four of every
// 8 channels, then the last four, which is how VPUNPCKLWD and VPUNPCKHWD
// interleave two vectors of activations.
func packDepthwise(w []int8, channels, taps int) *DepthwiseWeights {
	if body == portable {
		return packDepthwisePortable(w, channels, taps)
	}
	pairs := (taps + 1) / 2
	p := &DepthwiseWeights{channels: channels, taps: taps, lanes: make([]int16, Pad(channels)*pairs*2)}
	for first := 0; first < channels; {
		width := depthwiseWidth(Pad(channels)-first, taps)
		for c := first; c < min(first+width, channels); c++ {
			lane := c - first
			lane = lane%8/4*(width/2) + lane/8*4 + lane%4
			for t := range taps {
				p.lanes[(first*pairs+t/2*width+lane)*2+t%2] = int16(w[c*taps+t])
			}
		}
		first += width
	}
	return p
}

// depthwiseWidth is the width of a block where so many channels are left.
func depthwiseWidth(left, taps int) int {
	switch {
	case left >= 32 && taps == 9 && body == avx512:
		return 32
	case left >= 16:
		return 16
	}
	return 8
}

func depthwise(out []int16, outStride int, in []int16, offsets []int32, rows int, w *DepthwiseWeights, rq *Requant) {
	if w.plain != nil {
		depthwisePortable(out, outStride, in, offsets, rows, w, rq)
		return
	}
	pairs, channels := (w.taps+1)/2, Pad(w.channels)
	c := 0
	for w.taps == 9 && channels-c >= 16 {
		width, routine := depthwiseWidth(channels-c, w.taps), avx2Depthwise3x3
		if width == 32 {
			routine = avx512Depthwise3x3
		}
		blocks := (channels - c) / width
		routine(&out[c], 2*outStride, unsafe.SliceData(in[c:]), &offsets[0], rows, blocks,
			&w.lanes[c*pairs*2], &rq.Bias[c], &rq.Scale[c], float32(rq.Lo), float32(rq.Hi))
		c += blocks * width
	}
	if c == channels {
		return
	}
	for r := range rows {
		row := out[r*outStride:][:channels]
		window := offsets[r*w.taps:][:w.taps]
		c := c
		for ; c+16 <= len(row); c += 16 {
			depthwise16(row[c:], in[c:], window, w.lanes[c*pairs*2:], rq.Bias[c:], rq.Scale[c:], rq.Lo, rq.Hi)
		}
		if c < len(row) {
			depthwise8(row[c:], in[c:], window, w.lanes[c*pairs*2:], rq.Bias[c:], rq.Scale[c:], rq.Lo, rq.Hi)
		}
	}
	archsimd.ClearAVXUpperBits()
}

// depthwise16 computes 16 channels of a row.
func depthwise16(out, in []int16, window []int32, weights []int16, bias []int32, scale []float32, lo, hi int16) {
	var low, high archsimd.Int32x8
	w := unsafe.Pointer(&weights[0])
	base := unsafe.Pointer(&in[0])
	for t := 0; t < len(window); t += 2 {
		a := load16(base, window[t])
		b := load16(base, window[min(t+1, len(window)-1)])
		low = low.Add(a.InterleaveLoGrouped(b).DotProductPairs(load16(w, 0)))
		high = high.Add(a.InterleaveHiGrouped(b).DotProductPairs(load16(w, 16)))
		w = unsafe.Add(w, 64)
	}
	vlo, vhi := archsimd.BroadcastFloat32x8(float32(lo)), archsimd.BroadcastFloat32x8(float32(hi))
	q := func(acc archsimd.Int32x8, at int) archsimd.Int32x8 {
		var b archsimd.Int32x8
		var s archsimd.Float32x8
		b = b.SetLo(archsimd.LoadInt32x4(bias[at:])).SetHi(archsimd.LoadInt32x4(bias[at+8:]))
		s = s.SetLo(archsimd.LoadFloat32x4(scale[at:])).SetHi(archsimd.LoadFloat32x4(scale[at+8:]))
		return roundVector(acc.Add(b).ConvertToFloat32().Mul(s), vlo, vhi)
	}
	q(low, 0).SaturateToInt16ConcatGrouped(q(high, 4)).Store(out)
}

// depthwise8 computes 8 channels of a row.
func depthwise8(out, in []int16, window []int32, weights []int16, bias []int32, scale []float32, lo, hi int16) {
	var low, high archsimd.Int32x4
	for t := 0; t < len(window); t += 2 {
		a := archsimd.LoadInt16x8(in[window[t]:])
		b := archsimd.LoadInt16x8(in[window[min(t+1, len(window)-1)]:])
		low = low.Add(a.InterleaveLo(b).DotProductPairs(archsimd.LoadInt16x8(weights[8*t:])))
		high = high.Add(a.InterleaveHi(b).DotProductPairs(archsimd.LoadInt16x8(weights[8*t+8:])))
	}
	acc := archsimd.Int32x8{}.SetLo(low).SetHi(high)
	x := acc.Add(archsimd.LoadInt32x8(bias)).ConvertToFloat32().Mul(archsimd.LoadFloat32x8(scale))
	vlo, vhi := archsimd.BroadcastFloat32x8(float32(lo)), archsimd.BroadcastFloat32x8(float32(hi))
	narrow(roundVector(x, vlo, vhi)).Store(out)
}

// load16 loads the 16 numbers at an offset.
func load16(base unsafe.Pointer, offset int32) archsimd.Int16x16 {
	return archsimd.LoadInt16x16Array((*[16]int16)(unsafe.Add(base, 2*int(offset))))
}
