package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The suite runs every body this machine has, the portable one among them,
// against the loops of reference_test.go, at tolerance zero, over lengths below, at and above each tile edge. bodies and
// use are in bodies_*_test.go.

// guard surrounds every output; a lane that is not written keeps it too.
const guard = -0x5a5b

// guarded returns a slice of n elements within a larger one, all set to guard,
// and a function that fails the test if an element outside the first width of
// each of rows, stride apart, has changed.
func guarded(n int) (inner []int16, check func(t *testing.T, stride, rows, width int)) {
	const margin = 64
	all := make([]int16, n+2*margin)
	for i := range all {
		all[i] = guard
	}
	return all[margin : margin+n : margin+n], func(t *testing.T, stride, rows, width int) {
		t.Helper()
		for i, x := range all {
			at := i - margin
			if at >= 0 && at < rows*stride && at%stride < width {
				continue
			}
			if x != guard {
				t.Fatalf("element %d written, outside %d rows of %d at stride %d", at, rows, width, stride)
			}
		}
	}
}

// source makes operands: seeded, with the extreme values over-represented.
type source struct{ *rand.Rand }

func newSource(seed uint64) source { return source{rand.New(rand.NewPCG(seed, 7))} }

func (s source) int16s(n int) []int16 {
	x := make([]int16, n)
	for i := range x {
		switch s.IntN(8) {
		case 0:
			x[i] = 32767
		case 1:
			x[i] = -32768
		case 2:
			x[i] = 0
		default:
			x[i] = int16(s.Uint32())
		}
	}
	return x
}

func (s source) int8s(n int) []int8 {
	x := make([]int8, n)
	for i := range x {
		if x[i] = int8(s.Uint32()); s.IntN(8) == 0 {
			x[i] = []int8{127, -127, -128, 0}[s.IntN(4)]
		}
	}
	return x
}

// requant returns constants whose results fall into, on the edges of and
// outside the range for sums of n products.
func (s source) requant(cols, n int) *Requant {
	bias, scale := make([]int32, cols), make([]float32, cols)
	for i := range bias {
		bias[i] = int32(s.Uint32()) >> (4 + s.IntN(24))
		scale[i] = (s.Float32() + 0.1) / float32(64*(1+s.IntN(2*n)))
		if s.IntN(6) == 0 {
			scale[i] = 0.5 // ties
		}
	}
	lohi := [][2]int16{{-32768, 32767}, {0, 32767}, {0, 6144}, {-1000, 999}}[s.IntN(4)]
	return NewRequant(bias, scale, lohi[0], lohi[1])
}

// offsets returns a table of n places for span elements in an arena of length
// arena, the first and the last place among them.
func (s source) offsets(n, span, arena int) []int32 {
	o := make([]int32, n)
	for i := range o {
		o[i] = int32(s.IntN(arena - span + 1))
	}
	if n > 1 {
		o[s.IntN(n)] = 0
		o[s.IntN(n)] = int32(arena - span)
	}
	return o
}

func equal(t *testing.T, got, want []int16) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("element %d: got %d, want %d", i, got[i], want[i])
		}
	}
}

// eachBody runs f with every body of this machine in use.
func eachBody(t *testing.T, f func(t *testing.T)) {
	for _, name := range bodies() {
		t.Run(name, func(t *testing.T) {
			use(t, name)
			if Name() != name {
				t.Fatalf("Name() = %q", Name())
			}
			f(t)
		})
	}
}

// shape is one case: rows x cols outputs, taps x k products each, rows of out
// gap lanes further apart than they must be.
type shape struct{ rows, cols, taps, k, gap int }

func (s shape) String() string {
	return fmt.Sprintf("rows=%d cols=%d taps=%d k=%d gap=%d", s.rows, s.cols, s.taps, s.k, s.gap)
}

// shapes returns every number of rows with every number of columns for a few
// depths, and every depth for a few of those.
func shapes() (all []shape) {
	const maxRows, maxCols = 29, 33
	for rows := 1; rows <= maxRows; rows++ {
		for cols := 1; cols <= maxCols; cols++ {
			all = append(all, shape{rows, cols, 1 + (rows+cols)%2, 1 + (rows*7+cols*3)%11, 8 * (rows % 3)})
		}
	}
	for taps := 1; taps <= 9; taps++ {
		for _, k := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 15, 16, 17, 24, 27, 32, 33, 40} {
			all = append(all, shape{1 + k%7, 20, taps, k, 0}, shape{5 + taps, 9, taps, k, 8}, shape{14, 33, taps, k, 3})
		}
	}
	return append(all, shape{31, 24, 9, 64, 0}, shape{67, 40, 1, 520, 0}, shape{1, 16, 1, 1281, 0})
}

func TestGemm(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for i, s := range shapes() {
			rnd := newSource(uint64(i))
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
				for n := range Pad(s.cols) {
					if got[row+n] != want[row+n] {
						t.Fatalf("%v: out[%d][%d] = %d, want %d", s, r, n, got[row+n], want[row+n])
					}
				}
			}
		}
	})
}

func TestDepthwise(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for rows := 1; rows <= 13; rows++ {
			for channels := 1; channels <= 49; channels += 1 + rows%3 {
				for _, taps := range []int{1, 2, 3, 4, 8, 9, 10, 25} {
					if taps == 9 || (rows+channels)%4 == 0 {
						depthwiseEqual(t, rows, channels, taps)
					}
				}
			}
		}
		// Several blocks of 32 channels, and calls of more than 256.
		for _, channels := range []int{63, 64, 65, 88, 120, 128, 255, 256, 257, 264, 280, 512, 513, 960} {
			for _, rows := range []int{1, 4, 7} {
				for _, taps := range []int{4, 9, 25} {
					depthwiseEqual(t, rows, channels, taps)
				}
			}
		}
	})
}

// depthwiseEqual holds the body in use against the definition.
func depthwiseEqual(t *testing.T, rows, channels, taps int) {
	rnd := newSource(uint64(rows*1000 + channels*30 + taps))
	width := Pad(channels)
	stride := width + 8*(rows%2)
	in := rnd.int16s(3*width + 11)
	offsets := rnd.offsets(rows*taps, width, len(in))
	w := rnd.int8s(channels * taps)
	rq := rnd.requant(channels, taps)
	want := make([]int16, rows*stride)
	for i := range want {
		want[i] = guard
	}
	depthwiseReference(want, stride, in, offsets, w, shape{rows, channels, taps, 1, 0}, rq)
	got, check := guarded((rows-1)*stride + width)
	Depthwise(got, stride, in, offsets, rows, PackDepthwise(w, channels, taps), rq)
	check(t, stride, rows, width)
	t.Logf("rows=%d channels=%d taps=%d", rows, channels, taps)
	equal(t, got, want[:len(got)])
}

func TestFullyConnected(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for cols := 1; cols <= 137; cols++ {
			for _, k := range []int{1, 2, 3, 8, 15, 16, 17, 32, 64, 70 + cols} {
				rnd := newSource(uint64(cols*1000 + k))
				in := rnd.int16s(k)
				w := rnd.int8s(cols * k)
				rq := rnd.requant(cols, k)
				want := make([]int16, Pad(cols))
				fullyConnectedReference(want, in, w, cols, k, rq)
				got, check := guarded(Pad(cols))
				FullyConnected(got, in, PackFC(w, cols, k), rq)
				check(t, Pad(cols), 1, Pad(cols))
				equal(t, got, want)
			}
		}
	})
}

func TestPools(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for rows := 1; rows <= 5; rows++ {
			for channels := 1; channels <= 41; channels++ {
				for _, taps := range []int{1, 2, 4, 9, 49} {
					rnd := newSource(uint64(rows*1000 + channels*50 + taps))
					width := Pad(channels)
					stride := width + 8*(channels%2)
					in := rnd.int16s(2*width + 9)
					offsets := rnd.offsets(rows*taps, width, len(in))
					scale := make([]float32, rows)
					for i := range scale {
						scale[i] = 2 * rnd.Float32() / float32(taps)
					}
					want := make([]int16, rows*stride)
					for i := range want {
						want[i] = guard
					}
					got, check := guarded((rows-1)*stride + width)
					maxPoolReference(want, stride, in, offsets, rows, taps, channels)
					MaxPool(got, stride, in, offsets, rows, taps, channels)
					check(t, stride, rows, width)
					equal(t, got, want[:len(got)])
					avgPoolReference(want, stride, in, offsets, rows, taps, channels, scale)
					AvgPool(got, stride, in, offsets, rows, taps, channels, scale)
					check(t, stride, rows, width)
					equal(t, got, want[:len(got)])
				}
			}
		}
	})
}

func TestElementwise(t *testing.T) {
	multipliers := []float32{1, 0.5, -0.25, 0.0371, 3.9, 1e-6, 2e4}
	ranges := [][2]int16{{-32768, 32767}, {0, 32767}, {0, 6000}, {-5, 5}}
	eachBody(t, func(t *testing.T) {
		for n := 0; n <= 70; n++ {
			rnd := newSource(uint64(n))
			a, b := rnd.int16s(n), rnd.int16s(n)
			ma, mb := multipliers[n%7], multipliers[n/7%7]
			lo, hi := ranges[n%4][0], ranges[n%4][1]
			want := make([]int16, n)
			got, check := guarded(n)
			step := func() {
				t.Helper()
				check(t, n+1, 1, n)
				equal(t, got, want)
			}
			addReference(want, a, b, ma, mb, lo, hi)
			Add(got, a, b, ma, mb, lo, hi)
			step()
			mulReference(want, a, b, ma/1e4, lo, hi)
			Mul(got, a, b, ma/1e4, lo, hi)
			step()
			scaleReference(want, a, ma, lo, hi)
			Scale(got, a, ma, lo, hi)
			step()
			slopes := make([]float32, n)
			for i := range slopes {
				slopes[i] = multipliers[(i+n)%7] * mb
			}
			preluReference(want, a, ma, slopes, lo, hi)
			PReLU(got, a, ma, slopes, lo, hi)
			step()
			// In place.
			addReference(want, a, b, mb, ma, lo, hi)
			copy(got, a)
			Add(got, got, b, mb, ma, lo, hi)
			step()
		}
	})
}

// Every int16, times factors that make ties.
func TestScaleAllValues(t *testing.T) {
	a, want, got := make([]int16, 1<<16), make([]int16, 1<<16), make([]int16, 1<<16)
	for i := range a {
		a[i] = int16(i)
	}
	eachBody(t, func(t *testing.T) {
		for _, m := range []float32{1, 0.5, 1.5, 0.25, -0.5, 100, 0x1p-15} {
			scaleReference(want, a, m, -32768, 32767)
			Scale(got, a, m, -32768, 32767)
			equal(t, got, want)
		}
	})
}

func TestRoundClamp(t *testing.T) {
	for _, c := range []struct {
		x    float32
		want int16
	}{
		{0.5, 0}, {1.5, 2}, {2.5, 2}, {-0.5, 0}, {-1.5, -2}, {-2.5, -2}, {0.49999997, 0}, {0.50000006, 1},
		{99.5, 100}, {100.4, 100}, {2147483647, 100}, {-2147483648, -50}, {-50.5, -50},
	} {
		if got := roundClamp(c.x, -50, 100); got != c.want {
			t.Errorf("roundClamp(%v, -50, 100) = %d, want %d", c.x, got, c.want)
		}
	}
}

func TestLookup(t *testing.T) {
	for _, r := range [][2]int16{{-2, 1}, {0, 0}, {0, 8191}, {-8191, 8191}, {-5, 12}, {-32767, 32767}} {
		lo, hi := r[0], r[1]
		f := func(q int16) int16 { return q ^ 0x155 }
		table := NewTable(lo, hi, f)
		if want := int(hi) - int(lo) + 1; len(table) < want || len(table) >= 2*want {
			t.Errorf("table of %d places for %d values", len(table), want)
		}
		for _, n := range []int{0, 1, 3, 4, 5, 8, 1003} {
			a, out, want := make([]int16, n), make([]int16, n+1), make([]int16, n+1)
			out[n], want[n] = 77, 77 // nothing is written behind the end
			for i := range a {
				a[i] = int16(int(lo) + (i*7919)%(int(hi)-int(lo)+1))
				want[i] = f(a[i])
			}
			Lookup(out[:n], a, table)
			equal(t, out, want)
			Lookup(a, a, table)
			equal(t, a, want[:n])
		}
	}
}

func TestSumRows(t *testing.T) {
	dst := []int64{1, 1 << 40, -3}
	SumRows(dst, []int16{1, 2, 3, 99, -32768, 32767, 7}, 4, 2)
	if want := [3]int64{1 + 1 - 32768, 1<<40 + 2 + 32767, -3 + 3 + 7}; [3]int64(dst) != want {
		t.Errorf("got %d, want %d", dst, want)
	}
}

func TestCheckOffsets(t *testing.T) {
	if err := CheckOffsets([]int32{0, 92, 5}, 8, 100); err != nil {
		t.Error(err)
	}
	for _, o := range []int32{-1, 93} {
		if CheckOffsets([]int32{0, o}, 8, 100) == nil {
			t.Errorf("offset %d of 8 in 100 accepted", o)
		}
	}
}

// Mismatched lengths are a programmer's error and must not reach a loop that
// does no checking of its own.
func TestPanics(t *testing.T) {
	w := PackGemm(make([]int8, 8*2), 8, 1, 2)
	dw := PackDepthwise(make([]int8, 8), 8, 1)
	fc := PackFC(make([]int8, 16), 8, 2)
	rq := NewRequant(make([]int32, 8), make([]float32, 8), 0, 1)
	short := &Requant{Bias: make([]int32, 7), Scale: make([]float32, 8)}
	in, out, o := make([]int16, 16), make([]int16, 16), make([]int32, 2)
	for name, f := range map[string]func(){
		"PackGemm length":     func() { PackGemm(make([]int8, 5), 2, 1, 3) },
		"Gemm out":            func() { Gemm(out[:15], 8, in, o, 2, w, rq) },
		"Gemm offsets":        func() { Gemm(out, 8, in, o[:1], 2, w, rq) },
		"Gemm requant":        func() { Gemm(out, 8, in, o, 2, w, short) },
		"Gemm stride":         func() { Gemm(out, 4, in, o, 2, w, rq) },
		"Depthwise out":       func() { Depthwise(out[:15], 8, in, o, 2, dw, rq) },
		"Depthwise requant":   func() { Depthwise(out, 8, in, o, 2, dw, short) },
		"FullyConnected in":   func() { FullyConnected(out, in[:1], fc, rq) },
		"FullyConnected out":  func() { FullyConnected(out[:7], in, fc, rq) },
		"MaxPool taps":        func() { MaxPool(out, 8, in, o, 1, 0, 8) },
		"AvgPool scale":       func() { AvgPool(out, 8, in, o, 2, 1, 8, []float32{1}) },
		"Add length":          func() { Add(out, in[:3:3], in, 1, 1, 0, 1) },
		"NewRequant lengths":  func() { NewRequant(make([]int32, 2), make([]float32, 3), 0, 1) },
		"Lookup, empty table": func() { Lookup(out, in, nil) },
		"Lookup, odd table":   func() { Lookup(out, in, make([]int16, 3)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
