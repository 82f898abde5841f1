package rows

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// naiveColumns is the formula in the comment of Columns.
func naiveColumns(dst []int16, plane, width int, src []byte, offsets []int32, coefs []int16, shift uint) {
	for c := range 3 {
		for x := range width {
			sum := int64(1) << (shift - 1)
			for j, k := range coefs {
				sum += int64(k) * int64(src[int(offsets[j])+4*x+c])
			}
			dst[c*plane+x] = int16(sum >> shift)
		}
	}
}

// naiveAlong is the formula in the comment of Along.
func naiveAlong(dst []byte, src []int16, plane int, first []int32, coefs []int16, taps int, shift uint) {
	for o := range first {
		for c := range 3 {
			sum := int64(1) << (shift - 1)
			for i, k := range coefs[o*taps:][:taps] {
				sum += int64(k) * int64(src[c*plane+int(first[o])+i])
			}
			dst[3*o+c] = byte(sum >> shift)
		}
	}
}

// weights returns n numbers, not negative, that sum to 1<<bits, each in int16.
func weights(rng *rand.Rand, n int, bits uint) []int16 {
	w := make([]int16, n)
	left := 1 << bits
	for left > 0 {
		i := rng.IntN(n)
		d := min(left, 1+rng.IntN(1<<bits/n+1), 32767-int(w[i]))
		w[i] += int16(d)
		left -= d
	}
	return w
}

func noise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
		if rng.IntN(3) == 0 {
			b[i] = 255
		}
	}
	return b
}

// columnBodies are the bodies compiled in.
var columnBodies = map[string]func([]int16, int, int, []byte, []int32, []int16, uint){
	"portable": columnsPortable, "chosen": columns,
}

func TestColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	widths := []int{31, 32, 33, 63, 64, 65, 127, 200, 333}
	for w := range 28 {
		widths = append(widths, w+1)
	}
	for _, width := range widths {
		for _, n := range []int{2, 4, 6, 24, 94} {
			for _, bits := range []uint{14, 15, 17, 22} {
				if n*16384 < 1<<bits {
					continue
				}
				src := noise(rng, 4*width*(n+3)+5)
				offsets := make([]int32, n)
				for j := range offsets {
					offsets[j] = int32(rng.IntN(len(src) - 4*width + 1))
				}
				offsets[n-1] = int32(len(src) - 4*width)
				coefs := weights(rng, n, bits)
				plane, shift := width+rng.IntN(9), bits-6
				want := slices.Repeat([]int16{-7}, 2*plane+width+4)
				naiveColumns(want, plane, width, src, offsets, coefs, shift)
				for name, body := range columnBodies {
					got := slices.Repeat([]int16{-7}, len(want))
					body(got, plane, width, src, offsets, coefs, shift)
					if !slices.Equal(got, want) {
						t.Errorf("%s: width %d, %d rows, %d bits: differs", name, width, n, bits)
					}
				}
			}
		}
	}
}

// Extremes: all white with the largest sums there can be.
func TestColumnsDoNotOverflow(t *testing.T) {
	const width, n = 40, 512
	src := bytes.Repeat([]byte{255}, 4*width)
	coefs := slices.Repeat([]int16{1 << 13}, n)
	dst := make([]int16, 3*width)
	Columns(dst, width, width, src, make([]int32, n), coefs, 16)
	for i, v := range dst {
		if v != 255*64 {
			t.Fatalf("white became %d/64 at %d", v, i)
		}
	}
}

func TestAlong(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, taps := range []int{8, 16, 24, 40, 104} {
		for _, out := range []int{1, 2, 3, 7, 8, 9, 224} {
			for _, bits := range []uint{14, 16, 17} {
				plane := taps + rng.IntN(50)
				src := make([]int16, 3*plane)
				for i := range src {
					src[i] = int16(rng.IntN(255*64 + 1))
					if rng.IntN(3) == 0 {
						src[i] = 255 * 64
					}
				}
				first := make([]int32, out)
				var coefs []int16
				for o := range first {
					first[o] = int32(rng.IntN(plane - taps + 1))
					coefs = append(coefs, weights(rng, taps, bits)...)
				}
				first[out-1] = int32(plane - taps)
				want := bytes.Repeat([]byte{99}, 3*out+5)
				naiveAlong(want, src, plane, first, coefs, taps, bits+6)
				for name, body := range map[string]func([]byte, []int16, int, []int32, []int16, int, uint){"portable": alongPortable, "chosen": along} {
					got := bytes.Repeat([]byte{99}, len(want))
					body(got, src, plane, first, coefs, taps, bits+6)
					if !bytes.Equal(got, want) {
						t.Errorf("%s: %d taps, %d outputs, %d bits: differs", name, taps, out, bits)
					}
				}
			}
		}
	}
}

func TestOpaque(t *testing.T) {
	bodies := map[string]func([]byte) bool{"portable": opaquePortable, "chosen": opaque}
	for _, n := range []int{0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100, 300, 5000} {
		for name, body := range bodies {
			p := bytes.Repeat([]byte{1, 2, 0, 255}, n)
			if !body(p) {
				t.Errorf("%s: %d opaque pixels were not", name, n)
			}
			for at := 0; at < n; at += 1 + n/40 {
				p[4*at+3] = 254
				if body(p) {
					t.Errorf("%s: missed pixel %d of %d", name, at, n)
				}
				p[4*at+3] = 255
			}
		}
	}
}

func TestMismatchPanics(t *testing.T) {
	pix, row := make([]byte, 64), make([]int16, 96)
	for name, call := range map[string]func(){
		"columns: short destination": func() { Columns(row[:40], 16, 16, pix, []int32{0, 0}, []int16{1, 1}, 8) },
		"columns: odd":               func() { Columns(row, 16, 16, pix, []int32{0}, []int16{1}, 8) },
		"columns: short source":      func() { Columns(row, 16, 16, pix, []int32{0, 4}, []int16{1, 1}, 8) },
		"along: short source":        func() { Along(pix, row, 32, []int32{25}, make([]int16, 8), 8, 20) },
		"along: taps":                func() { Along(pix, row, 32, []int32{0}, make([]int16, 7), 7, 20) },
		"opaque: part of a pixel":    func() { Opaque(pix[:7]) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}

func BenchmarkColumns(b *testing.B) {
	for _, n := range []int{2, 24} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			const width = 2640
			rng := rand.New(rand.NewPCG(1, 2))
			src := noise(rng, 16000*n)
			offsets := make([]int32, n)
			for j := range offsets {
				offsets[j] = int32(16000 * j)
			}
			dst, coefs := make([]int16, 3*width), weights(rng, n, 15)
			b.SetBytes(4 * width * int64(n))
			for b.Loop() {
				Columns(dst, width, width, src, offsets, coefs, 9)
			}
		})
	}
}

func BenchmarkOpaque(b *testing.B) {
	p := bytes.Repeat([]byte{255}, 16000)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		Opaque(p)
	}
}
