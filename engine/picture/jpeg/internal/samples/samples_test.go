package samples

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// coefficients fills b with a kind of block: 0 all of the largest numbers, 1
// noise of full range, then ever sparser and smaller.
func coefficients(rng *rand.Rand, b []int16, kind int) {
	clear(b)
	for i := range b {
		switch {
		case kind == 0:
			b[i] = [2]int16{-32768, 32767}[rng.IntN(2)]
		case kind == 1:
			b[i] = int16(rng.Uint32())
		case rng.IntN(kind) == 0:
			b[i] = int16(rng.IntN(1<<(16-min(kind, 15))) - 1<<(15-min(kind, 15)))
		}
	}
}

func TestIDCT8(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 20000 {
		var b Block
		var q Quant
		coefficients(rng, b[:], i%20)
		for j := range q {
			q[j] = uint16(1 + rng.IntN(8))
			if i%7 == 0 {
				q[j] = uint16(rng.Uint32())
			}
		}
		stride := 8 + rng.IntN(20)
		want := bytes.Repeat([]byte{99}, 7*stride+8)
		got := bytes.Clone(want)
		idct8Portable(want, stride, &b, &q)
		idct8(got, stride, &b, &q)
		if !bytes.Equal(got, want) {
			t.Fatalf("block %d of kind %d differs:\n%v\n%v", i, i%20, got, want)
		}
	}
}

// A DC term alone gives its mean in every transform.
func TestMean(t *testing.T) {
	for dc := -2000; dc < 2000; dc++ {
		q := Quant{3}
		want := Mean(int16(dc), 3)
		var out [64]byte
		IDCT8(out[:], 8, &Block{int16(dc)}, &q)
		if out != [64]byte(bytes.Repeat([]byte{want}, 64)) {
			t.Fatalf("%d: %v, mean %d", dc, out, want)
		}
		IDCT4(out[:], 4, &[16]int16{int16(dc)}, NewReduced4(&q))
		IDCT2(out[16:], 2, &[4]int16{int16(dc)}, NewReduced2(&q))
		for _, v := range out[:20] {
			if d := int(v) - int(want); d < -1 || d > 1 {
				t.Fatalf("%d: %v, mean %d", dc, out[:20], want)
			}
		}
	}
}

// The reduced transforms are the means of the full one's samples where the
// block has no coefficients that alias.
func TestReducedIsMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{4, 2} {
		for range 2000 {
			var b Block
			var q Quant
			small := make([]int16, n*n)
			for i := range q {
				q[i] = uint16(1 + rng.IntN(6))
			}
			for y := range n {
				for x := range n {
					v := int16(rng.IntN(21) - 10)
					b[8*y+x], small[n*y+x] = v, v
				}
			}
			var full [64]byte
			IDCT8(full[:], 8, &b, &q)
			got := make([]byte, n*n)
			if n == 4 {
				IDCT4(got, n, (*[16]int16)(small), NewReduced4(&q))
			} else {
				IDCT2(got, n, (*[4]int16)(small), NewReduced2(&q))
			}
			if bytes.IndexByte(full[:], 0) >= 0 || bytes.IndexByte(full[:], 255) >= 0 {
				continue // clamped
			}
			for i, v := range got {
				sum, k := 0, 8/n
				for y := range k {
					for x := range k {
						sum += int(full[8*(i/n*k+y)+i%n*k+x])
					}
				}
				if d := int(v)*k*k - sum; d < -k*k || d > k*k {
					t.Fatalf("%d x %d: %d is %d, mean %d/%d", n, n, i, v, sum, k*k)
				}
			}
		}
	}
}

func TestIDCT4(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 20000 {
		var b [16]int16
		var q Quant
		coefficients(rng, b[:], i%20)
		for j := range q {
			q[j] = uint16(1 + rng.IntN(1<<rng.IntN(17)))
		}
		stride := 4 + rng.IntN(20)
		want := bytes.Repeat([]byte{99}, 3*stride+4)
		got := bytes.Clone(want)
		m := NewReduced4(&q)
		idct4Portable(want, stride, &b, m)
		idct4(got, stride, &b, m)
		if !bytes.Equal(got, want) {
			t.Fatalf("block %d of kind %d differs:\n%v\n%v", i, i%20, got, want)
		}
	}
}

// lengths are those around every step of the vector bodies.
var lengths = func() (all []int) {
	for n := 2; n < 140; n++ {
		all = append(all, n)
	}
	return append(all, 255, 256, 257, 1000)
}()

func noise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
		if rng.IntN(3) == 0 {
			b[i] = byte(rng.IntN(2) * 255)
		}
	}
	return b
}

func TestRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, n := range lengths {
		for range 4 {
			a, b, c := noise(rng, n), noise(rng, n), noise(rng, n)
			for name, f := range map[string][2]func(dst []byte){
				"h2":   {func(d []byte) { upsampleH2Portable(d, a) }, func(d []byte) { upsampleH2(d, a) }},
				"h2v2": {func(d []byte) { upsampleH2V2Portable(d, a, b) }, func(d []byte) { upsampleH2V2(d, a, b) }},
				"v2 1": {func(d []byte) { upsampleV2Portable(d, a, b, 1) }, func(d []byte) { upsampleV2(d, a, b, 1) }},
				"v2 2": {func(d []byte) { upsampleV2Portable(d, a, b, 2) }, func(d []byte) { upsampleV2(d, a, b, 2) }},
				"ycc":  {func(d []byte) { ycbcrPortable(d, a, b, c) }, func(d []byte) { ycbcr(d, a, b, c) }},
			} {
				want := bytes.Repeat([]byte{77}, 4*n+9)
				got := bytes.Clone(want)
				f[0](want)
				f[1](got)
				if !bytes.Equal(got, want) {
					t.Errorf("%s: %d samples differ", name, n)
				}
			}
		}
	}
}

// Every colour in both bodies.
func TestYCbCrAll(t *testing.T) {
	y, cb, cr := make([]byte, 1<<16), make([]byte, 1<<16), make([]byte, 1<<16)
	want, got := make([]byte, 4<<16), make([]byte, 4<<16)
	for i := range y {
		cb[i], cr[i] = byte(i), byte(i>>8)
	}
	for l := 0; l < 256; l += 5 {
		for i := range y {
			y[i] = byte(l)
		}
		ycbcrPortable(want, y, cb, cr)
		YCbCr(got, y, cb, cr)
		if !bytes.Equal(got, want) {
			t.Fatalf("luma %d differs", l)
		}
	}
}

func TestReplicate(t *testing.T) {
	for _, f := range [][2]int{{2, 1}, {3, 1}, {4, 1}, {3, 2}, {4, 3}, {1, 1}} {
		for n := range 40 {
			src := noise(rand.New(rand.NewPCG(1, 1)), n*f[1]/f[0]+1)
			dst := make([]byte, n)
			Replicate(dst, src, f[0], f[1])
			for x, v := range dst {
				if v != src[x*f[1]/f[0]] {
					t.Fatalf("%v, %d samples: wrong at %d", f, n, x)
				}
			}
		}
	}
}

func TestMismatchPanics(t *testing.T) {
	p := make([]byte, 64)
	for name, call := range map[string]func(){
		"IDCT8 stride":    func() { IDCT8(p, 7, new(Block), new(Quant)) },
		"IDCT8 length":    func() { IDCT8(p[:63], 8, new(Block), new(Quant)) },
		"IDCT4 length":    func() { IDCT4(p[:15], 4, new([16]int16), new(Reduced)) },
		"IDCT2 length":    func() { IDCT2(p[:3], 2, new([4]int16), new(Reduced)) },
		"H2 one sample":   func() { UpsampleH2(p, p[:1]) },
		"H2 length":       func() { UpsampleH2(p[:19], p[:10]) },
		"H2V2 rows":       func() { UpsampleH2V2(p, p[:8], p[:9]) },
		"V2 rows":         func() { UpsampleV2(p[:7], p[:8], p[:8], 1) },
		"YCbCr short row": func() { YCbCr(p, p[:8], p[:7], p[:8]) },
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

func BenchmarkIDCT8(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, kind := range []int{4, 14} {
		b.Run(fmt.Sprint("one in ", kind), func(b *testing.B) {
			var blk Block
			var q Quant
			coefficients(rng, blk[:], kind)
			dst := make([]byte, 64)
			b.SetBytes(64)
			for b.Loop() {
				IDCT8(dst, 8, &blk, &q)
			}
		})
	}
}

func BenchmarkRows(b *testing.B) {
	const n = 4000
	y, c, dst := make([]byte, n), make([]byte, n/2), make([]byte, 4*n)
	for name, f := range map[string]func(){
		"h2":   func() { UpsampleH2(dst, c) },
		"h2v2": func() { UpsampleH2V2(dst, c, c) },
		"v2":   func() { UpsampleV2(dst, y, y, 1) },
		"ycc":  func() { YCbCr(dst, y, y, y) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(n)
			for b.Loop() {
				f()
			}
		})
	}
}
