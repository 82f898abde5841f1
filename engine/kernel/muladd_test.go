package kernel

import (
	"fmt"
	"math"
	"testing"
)

// TestMulAdd compares the bits of every body with the definition, below, at and
// above the edges of tiles, for straight and transposed first operands.
func TestMulAdd(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		rnd := newSource(11)
		random := func(n int) []float32 {
			v := make([]float32, n)
			for i := range v {
				v[i] = float32(rnd.NormFloat64() * math.Exp2(float64(rnd.IntN(20)-10)))
			}
			return v
		}
		for _, rows := range []int{0, 1, 3, 4, 5, 8, 13} {
			for _, cols := range []int{0, 4, 8, 12, 16, 20, 28, 64, 76, 128} {
				for _, depth := range []int{0, 1, 2, 7, 33} {
					values, b, was := random(rows*depth+1), random(depth*cols), random(rows*cols+8)
					for _, a := range []Matrix{{values, depth, 1}, {values, 1, rows}} {
						got, want := append([]float32(nil), was...), append([]float32(nil), was...)
						MulAdd(got, a, b, rows, depth, cols)
						for r := range rows {
							for c := range cols {
								for k := range depth {
									want[r*cols+c] += float32(a.Values[r*a.Row+k*a.Depth] * b[k*cols+c])
								}
							}
						}
						for i := range want {
							if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
								t.Fatalf("%d x %d x %d, steps %d and %d: value %d is %v, want %v", rows, depth, cols, a.Row, a.Depth, i, got[i], want[i])
							}
						}
					}
				}
			}
		}
	})
}

func TestMulAddRefuses(t *testing.T) {
	v := make([]float32, 64)
	for name, call := range map[string]func(){
		"columns": func() { MulAdd(v, Matrix{v, 1, 1}, v, 2, 2, 6) },
		"first":   func() { MulAdd(v, Matrix{v[:7], 4, 1}, v, 2, 4, 4) },
		"second":  func() { MulAdd(v, Matrix{v, 4, 1}, v[:15], 2, 4, 4) },
		"output":  func() { MulAdd(v[:7], Matrix{v, 4, 1}, v, 2, 4, 4) },
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

func BenchmarkMulAdd(b *testing.B) {
	for _, s := range [][3]int{{32, 320, 12}, {320, 32, 12}, {64, 320, 1024}} {
		b.Run(fmt.Sprintf("%dx%dx%d", s[0], s[1], s[2]), func(b *testing.B) {
			chosen(b)
			x, y, z := make([]float32, s[0]*s[1]), make([]float32, s[1]*s[2]), make([]float32, s[0]*s[2])
			for b.Loop() {
				MulAdd(z, Matrix{x, s[1], 1}, y, s[0], s[1], s[2])
			}
			b.ReportMetric(float64(s[0]*s[1]*s[2])*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
		})
	}
}

// TestAdam compares the bits of every body with the portable one.
func TestAdam(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		rnd := newSource(17)
		for n := range 40 {
			make4 := func() (s AdamState) {
				for _, v := range []*[]float32{&s.Weights, &s.Gradient, &s.Mean, &s.Square} {
					*v = make([]float32, n)
				}
				return s
			}
			got, want := make4(), make4()
			for i := range n {
				got.Weights[i], got.Mean[i] = float32(rnd.NormFloat64()), float32(rnd.NormFloat64())
				got.Square[i], got.Gradient[i] = float32(rnd.ExpFloat64()), float32(rnd.NormFloat64()*math.Exp2(float64(rnd.IntN(40)-20)))
			}
			copy(want.Weights, got.Weights)
			copy(want.Mean, got.Mean)
			copy(want.Square, got.Square)
			copy(want.Gradient, got.Gradient)
			for range 3 {
				Adam(got, 0.01, 1.3, 0.99)
				adamPortable(want, 0.01, 1.3, 0.99)
			}
			for i := range n {
				if math.Float32bits(got.Weights[i]) != math.Float32bits(want.Weights[i]) || got.Mean[i] != want.Mean[i] || got.Square[i] != want.Square[i] {
					t.Fatalf("%d values: value %d is %v, want %v", n, i, got.Weights[i], want.Weights[i])
				}
			}
		}
	})
}

// TestAddMul compares the bits of every body with the definition.
func TestAddMul(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		rnd := newSource(19)
		for n := range 40 {
			a, b, got := make([]float32, n), make([]float32, n), make([]float32, n)
			want := make([]float32, n)
			for i := range n {
				a[i], b[i], got[i] = float32(rnd.NormFloat64()), float32(rnd.NormFloat64()), float32(rnd.NormFloat64())
				want[i] = got[i] + float32(a[i]*b[i])
			}
			AddMul(got, a, b)
			for i := range want {
				if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
					t.Fatalf("%d values: value %d is %v, want %v", n, i, got[i], want[i])
				}
			}
		}
	})
}
