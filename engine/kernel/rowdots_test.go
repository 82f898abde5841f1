package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Every body equals the portable one, over every edge of its tiles and with the
// largest values.
func TestRowDots(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, k := range []int{0, 1, 2, 7, 8, 9, 15, 16, 17, 23, 24, 31, 32, 33, 320, 321, 1280} {
		for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 13} {
			query, rows := make([]int16, k), make([]int8, n*k+3)
			for i := range query {
				query[i] = int16(r.IntN(65535) - 32767)
			}
			for i := range rows {
				rows[i] = int8(r.IntN(256) - 128)
			}
			if n%2 == 1 { // the extremes
				for i := range query {
					query[i] = [2]int16{32767, -32767}[i&1]
				}
				for i := range rows {
					rows[i] = [2]int8{127, -128}[(i/3)&1]
				}
				if k > 320 {
					query = slices.Clone(query)
					for i := range query {
						query[i] /= 8
					}
				}
			}
			want, got := make([]int32, n+1), make([]int32, n+1)
			want[n], got[n] = 77, 77
			if k > 0 {
				rowDotsPortable(want[:n], rows[:n*k], query)
			}
			RowDots(got, rows, query, n)
			if !slices.Equal(got, want) {
				t.Fatalf("%d rows of %d: %v, expected %v", n, k, got, want)
			}
		}
	}
}

func BenchmarkRowDots(b *testing.B) {
	for _, k := range []int{320, 1280} {
		const n = 100000
		query, rows, out := make([]int16, k), make([]int8, n*k), make([]int32, n)
		for i := range rows {
			rows[i] = int8(i * 7)
		}
		for i := range query {
			query[i] = int16(i * 31)
		}
		b.Run(fmt.Sprintf("100000x%d", k), func(b *testing.B) {
			for b.Loop() {
				RowDots(out, rows, query, n)
			}
			b.ReportMetric(float64(n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
		})
	}
}
