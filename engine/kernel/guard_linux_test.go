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

func TestFenced(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for _, atStart := range []bool{false, true} {
			for i, s := range []shape{
				{1, 1, 1, 1, 0}, {1, 8, 1, 2, 0}, {3, 9, 2, 3, 0}, {5, 16, 9, 8, 0}, {13, 17, 1, 14, 8},
				{12, 24, 3, 10, 0}, {29, 33, 9, 5, 0}, {7, 40, 4, 33, 8}, {11, 64, 1, 16, 0},
			} {
				rnd := newSource(uint64(i))
				even := s.k + s.k&1
				stride := Pad(s.cols) + s.gap
				rq := rnd.requant(s.cols, s.taps*s.k)
				rq.Bias, rq.Scale = fenced(t, rq.Bias, atStart), fenced(t, rq.Scale, atStart)
				out := fenced(t, make([]int16, (s.rows-1)*stride+Pad(s.cols)), atStart)

				in := fenced(t, rnd.int16s(even*(s.taps+1)), atStart)
				offsets := fenced(t, rnd.offsets(s.rows*s.taps, even, len(in)), atStart)
				w := PackGemm(rnd.int8s(s.cols*s.taps*s.k), s.cols, s.taps, s.k)
				if w.tiles != nil {
					w.tiles = fenced(t, w.tiles, atStart)
				}
				Gemm(out, stride, in, offsets, s.rows, w, rq)

				fc := PackFC(rnd.int8s(s.cols*s.k), s.cols, s.k)
				if fc.tiles != nil {
					fc.tiles = fenced(t, fc.tiles, atStart)
				} else {
					fc.plain = fenced(t, fc.plain, atStart)
				}
				FullyConnected(out, in[:even:even], fc, rq)

				in = fenced(t, rnd.int16s(Pad(s.cols)*2), atStart)
				offsets = fenced(t, rnd.offsets(s.rows*s.taps, Pad(s.cols), len(in)), atStart)
				dw := PackDepthwise(rnd.int8s(s.cols*s.taps), s.cols, s.taps)
				if dw.lanes != nil {
					dw.lanes = fenced(t, dw.lanes, atStart)
				}
				Depthwise(out, stride, in, offsets, s.rows, dw, rq)
				MaxPool(out, stride, in, offsets, s.rows, s.taps, s.cols)
				AvgPool(out, stride, in, offsets, s.rows, s.taps, s.cols, fenced(t, make([]float32, s.rows), atStart))
				Add(out, out, out, 1, 2, -1, 1)
				Mul(out, out, out, 1, -1, 1)
				Scale(out, out, 1, -1, 1)
			}
		}
	})
}
