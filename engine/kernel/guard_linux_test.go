package kernel

import (
	"syscall"
	"testing"
	"unsafe"
)

// Reads beyond a slice change no result, since the weights there are zero, and
// so the suite cannot see them; Go's own checks do not reach assembly. Yet at
// the end of a mapping they kill the process, once in a long while. Here every
// operand ends, or begins, where a page without access begins, or ends.

// fenced returns a copy of x that touches an inaccessible page: the one after
// it, or the one before if atStart.
func fenced[T any](t *testing.T, x []T, atStart bool) []T {
	t.Helper()
	page := syscall.Getpagesize()
	size := len(x) * int(unsafe.Sizeof(x[0]))
	pages := (size + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, pages+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(m) })
	for _, fence := range [][]byte{m[:page], m[page+pages:]} {
		if err := syscall.Mprotect(fence, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	at := page
	if !atStart {
		at += pages - size
	}
	y := unsafe.Slice((*T)(unsafe.Pointer(&m[at])), len(x))
	copy(y, x)
	return y
}

// fencedShapes has each height and width of the tiles of every platform, and
// what is left over beside them, at depths about those of the unrolled loops.
func fencedShapes() (all []shape) {
	for rows := 1; rows <= 13; rows++ {
		for i, cols := range []int{1, 8, 9, 16, 17, 24, 25, 33} {
			all = append(all, shape{rows, cols, 1 + (rows+i)%3, []int{1, 2, 5, 7, 8, 10, 14, 16, 23}[(rows+i)%9], 8 * (i % 2)})
		}
	}
	return append(all, shape{29, 33, 9, 5, 0}, shape{7, 40, 4, 33, 8}, shape{11, 64, 1, 16, 0}, shape{25, 72, 1, 40, 0})
}

// fencedField fences a slice of weights that the body in use has.
func fencedField[T any](t *testing.T, x *[]T, atStart bool) {
	if *x != nil {
		*x = fenced(t, *x, atStart)
	}
}

// fencedBothWays runs f with operands that end and that begin at a fence.
func fencedBothWays(t *testing.T, f func(t *testing.T, atStart bool)) {
	eachBody(t, func(t *testing.T) {
		t.Run("end", func(t *testing.T) { f(t, false) })
		t.Run("start", func(t *testing.T) { f(t, true) })
	})
}

func TestFenced(t *testing.T) {
	fencedBothWays(t, func(t *testing.T, atStart bool) {
		for i, s := range fencedShapes() {
			rnd := newSource(uint64(i))
			even := s.k + s.k&1
			stride := Pad(s.cols) + s.gap
			rq := rnd.requant(s.cols, s.taps*s.k)
			rq.Bias, rq.Scale = fenced(t, rq.Bias, atStart), fenced(t, rq.Scale, atStart)
			out := fenced(t, make([]int16, (s.rows-1)*stride+Pad(s.cols)), atStart)

			in := fenced(t, rnd.int16s(even*(s.taps+1)), atStart)
			offsets := fenced(t, rnd.offsets(s.rows*s.taps, even, len(in)), atStart)
			w := PackGemm(rnd.int8s(s.cols*s.taps*s.k), s.cols, s.taps, s.k)
			fencedField(t, &w.tiles, atStart)
			Gemm(out, stride, in, offsets, s.rows, w, rq)

			fc := PackFC(rnd.int8s(s.cols*s.k), s.cols, s.k)
			fencedField(t, &fc.rows, atStart)
			FullyConnected(out, in[:s.k:s.k], fc, rq)

			in = fenced(t, rnd.int16s(Pad(s.cols)*2), atStart)
			offsets = fenced(t, rnd.offsets(s.rows*s.taps, Pad(s.cols), len(in)), atStart)
			dw := PackDepthwise(rnd.int8s(s.cols*s.taps), s.cols, s.taps)
			fencedField(t, &dw.lanes, atStart)
			Depthwise(out, stride, in, offsets, s.rows, dw, rq)
			MaxPool(out, stride, in, offsets, s.rows, s.taps, s.cols)
			AvgPool(out, stride, in, offsets, s.rows, s.taps, s.cols, fenced(t, make([]float32, s.rows), atStart))
			Add(out, out, out, 1, 2, -1, 1)
			Mul(out, out, out, 1, -1, 1)
			Scale(out, out, 1, -1, 1)
			PReLU(out, out, 1, fenced(t, make([]float32, len(out)), atStart), -1, 1)
		}
	})
}

func TestWinogradFenced(t *testing.T) {
	fencedBothWays(t, func(t *testing.T, atStart bool) {
		for tiles := 1; tiles <= 26; tiles++ {
			c := winogradCase{tiles, 1 + tiles*7%41, 1 + tiles*5%19}
			rnd := newSource(uint64(tiles))
			in, windows, targets, n, rq := c.operands(rnd)
			rq.Bias, rq.Scale = fenced(t, rq.Bias, atStart), fenced(t, rq.Scale, atStart)
			w := PackWinograd(rnd.int8s(c.cols*9*c.k), c.cols, c.k)
			fencedField(t, &w.tiles, atStart)
			Winograd(fenced(t, make([]int16, n), atStart), fenced(t, in, atStart), fenced(t, windows, atStart), fenced(t, targets, atStart),
				fenced(t, make([]int16, w.Scratch(tiles)), atStart), w, rq)
		}
	})
}

func TestDotsFenced(t *testing.T) {
	fencedBothWays(t, func(t *testing.T, atStart bool) {
		for rows := 1; rows <= DotRows; rows++ {
			k := 8 * (1 + rows%3)
			c := NewDotColumns(k)
			fencedField(t, &c.tiles, atStart)
			rnd := newSource(uint64(rows))
			c.Fill(rnd.int16s((1 + rows*7%c.Most()) * k))
			Dots(fenced(t, make([]int32, c.Products()), atStart), fenced(t, rnd.int16s((rows+DotSlack)*k), atStart), rows, c)
		}
	})
}

func TestMulAddFenced(t *testing.T) {
	fencedBothWays(t, func(t *testing.T, atStart bool) {
		for rows := 1; rows <= 9; rows++ {
			for _, cols := range []int{4, 8, 12, 16, 28, 64, 68} {
				depth := 1 + (rows+cols)%5
				a := fenced(t, make([]float32, rows*depth), atStart)
				b, out := fenced(t, make([]float32, depth*cols), atStart), fenced(t, make([]float32, rows*cols), atStart)
				MulAdd(out, Matrix{a, depth, 1}, b, rows, depth, cols)
				MulAdd(out, Matrix{a, 1, rows}, b, rows, depth, cols)
				Adam(AdamState{out, fenced(t, out, atStart), fenced(t, out, atStart), fenced(t, out, atStart)}, 1, 1, 1)
			}
		}
	})
}
