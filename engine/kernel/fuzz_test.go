package kernel

import (
	"slices"
	"testing"
)

// FuzzBodies: for any shape, every body of this machine gives what the
// definitions of reference_test.go give.
func FuzzBodies(f *testing.F) {
	f.Add(uint64(1), uint8(1), uint8(1), uint8(1), uint16(1), uint8(0))
	f.Add(uint64(2), uint8(29), uint8(33), uint8(9), uint16(40), uint8(8))
	f.Add(uint64(3), uint8(7), uint8(64), uint8(25), uint16(3), uint8(3))
	f.Add(uint64(4), uint8(1), uint8(16), uint8(1), uint16(1281), uint8(0))
	f.Fuzz(func(t *testing.T, seed uint64, rows, cols, taps uint8, k uint16, gap uint8) {
		s := shape{1 + int(rows)%40, 1 + int(cols)%140, 1 + int(taps)%26, 1 + int(k)%1300, int(gap) % 17}
		if s.rows*s.cols*s.taps*s.k > 1<<20 {
			return
		}
		for _, name := range bodies() {
			restore := Use(name)
			gemmFuzzed(t, name, s, seed)
			depthwiseFuzzed(t, name, s, seed)
			elementwiseFuzzed(t, name, s.rows*s.cols, seed)
			restore()
		}
	})
}

// gemmFuzzed compares Gemm, and FullyConnected of as many products.
func gemmFuzzed(t *testing.T, name string, s shape, seed uint64) {
	t.Helper()
	rnd := newSource(seed)
	even := s.k + s.k&1
	in := rnd.int16s(even*(s.taps+3) + 5)
	offsets := rnd.offsets(s.rows*s.taps, even, len(in))
	w := rnd.int8s(s.cols * s.taps * s.k)
	rq := rnd.requant(s.cols, s.taps*s.k)
	stride := Pad(s.cols) + s.gap
	want := make([]int16, s.rows*stride)
	gemmReference(want, stride, in, offsets, w, s, rq)
	got, check := guarded((s.rows-1)*stride + Pad(s.cols))
	Gemm(got, stride, in, offsets, s.rows, PackGemm(w, s.cols, s.taps, s.k), rq)
	check(t, stride, s.rows, Pad(s.cols))
	for r := range s.rows {
		row := r * stride
		if !slices.Equal(got[row:][:Pad(s.cols)], want[row:][:Pad(s.cols)]) {
			t.Fatalf("%s, %v: row %d of Gemm differs", name, s, r)
		}
	}
	want = make([]int16, Pad(s.cols))
	fullyConnectedReference(want, in, w[:s.cols*s.k], s.cols, s.k, rq)
	got, check = guarded(Pad(s.cols))
	FullyConnected(got, in[:s.k], PackFC(w[:s.cols*s.k], s.cols, s.k), rq)
	check(t, Pad(s.cols), 1, Pad(s.cols))
	if !slices.Equal(got, want) {
		t.Fatalf("%s, %v: FullyConnected differs", name, s)
	}
}

// depthwiseFuzzed compares Depthwise and the pools.
func depthwiseFuzzed(t *testing.T, name string, s shape, seed uint64) {
	t.Helper()
	rnd := newSource(seed)
	width := Pad(s.cols)
	stride := width + 8*(s.gap%3)
	in := rnd.int16s(3*width + 11)
	offsets := rnd.offsets(s.rows*s.taps, width, len(in))
	w := rnd.int8s(s.cols * s.taps)
	rq := rnd.requant(s.cols, s.taps)
	scale := make([]float32, s.rows)
	for i := range scale {
		scale[i] = 2 * rnd.Float32() / float32(s.taps)
	}
	want := make([]int16, s.rows*stride)
	for i := range want {
		want[i] = guard
	}
	got, check := guarded((s.rows-1)*stride + width)
	same := func(what string) {
		t.Helper()
		check(t, stride, s.rows, width)
		if !slices.Equal(got, want[:len(got)]) {
			t.Fatalf("%s, %v: %s differs", name, s, what)
		}
	}
	depthwiseReference(want, stride, in, offsets, w, s, rq)
	Depthwise(got, stride, in, offsets, s.rows, PackDepthwise(w, s.cols, s.taps), rq)
	same("Depthwise")
	maxPoolReference(want, stride, in, offsets, s.rows, s.taps, s.cols)
	MaxPool(got, stride, in, offsets, s.rows, s.taps, s.cols)
	same("MaxPool")
	avgPoolReference(want, stride, in, offsets, s.rows, s.taps, s.cols, scale)
	AvgPool(got, stride, in, offsets, s.rows, s.taps, s.cols, scale)
	same("AvgPool")
}

func elementwiseFuzzed(t *testing.T, name string, n int, seed uint64) {
	t.Helper()
	rnd := newSource(seed)
	a, b := rnd.int16s(n), rnd.int16s(n)
	ma, mb := 4*rnd.Float32()-2, 4*rnd.Float32()-2
	want := make([]int16, n)
	got, check := guarded(n)
	same := func(what string) {
		t.Helper()
		check(t, n+1, 1, n)
		if !slices.Equal(got, want) {
			t.Fatalf("%s, %d values: %s differs", name, n, what)
		}
	}
	addReference(want, a, b, ma, mb, -3000, 32767)
	Add(got, a, b, ma, mb, -3000, 32767)
	same("Add")
	mulReference(want, a, b, ma/1e4, -32768, 32767)
	Mul(got, a, b, ma/1e4, -32768, 32767)
	same("Mul")
	scaleReference(want, a, mb, 0, 6144)
	Scale(got, a, mb, 0, 6144)
	same("Scale")
	slopes := make([]float32, n)
	for i := range slopes {
		slopes[i] = ma * float32(b[i]) / 1e4
	}
	preluReference(want, a, mb, slopes, -32768, 6144)
	PReLU(got, a, mb, slopes, -32768, 6144)
	same("PReLU")
}
