package kernel

import (
	"math"
	"testing"
)

// TestRepel compares the bits of every body with the definition, over numbers
// of every size, and the definition with sums in float64.
func TestRepel(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		rnd := newSource(3)
		for count := range 70 {
			var p, want Points2
			var q, want3 Points3
			scale := float32(math.Exp2(float64(rnd.IntN(20) - 10)))
			for i := range RepelLanes {
				p.X[i], p.Y[i] = scale*float32(rnd.NormFloat64()), scale*float32(rnd.NormFloat64())
				p.ForceX[i], p.Sum[i] = 7, 7 // anything
				q.X[i], q.Y[i], q.Z[i] = p.X[i], p.Y[i], scale*float32(rnd.NormFloat64())
			}
			var sources, sources3 []float32
			for range count {
				x, y, w := scale*float32(rnd.NormFloat64()), scale*float32(rnd.NormFloat64()), float32(1+rnd.IntN(50))
				sources = append(sources, x, y, w)
				sources3 = append(sources3, x, y, scale*float32(rnd.NormFloat64()), w)
			}
			want, want3 = p, q
			repel2Portable(&want, sources)
			Repel2(&p, sources)
			if p != want {
				t.Fatalf("%d sources: %v, portable %v", count, p, want)
			}
			repel3Portable(&want3, sources3)
			Repel3(&q, sources3)
			if q != want3 {
				t.Fatalf("%d sources in space: %v, portable %v", count, q, want3)
			}
			var sum, force float64
			for s := sources3; len(s) > 0; s = s[4:] {
				dx, dy, dz := float64(q.X[2]-s[0]), float64(q.Y[2]-s[1]), float64(q.Z[2]-s[2])
				c := 1 / (1 + dx*dx + dy*dy + dz*dz)
				sum += float64(s[3]) * c
				force += float64(s[3]) * c * c * dz
			}
			if math.Abs(float64(q.Sum[2])-sum) > 1e-4*sum || math.Abs(float64(q.ForceZ[2])-force) > 1e-4*(1+sum) {
				t.Fatalf("%d sources: sum %v, force %v, want %v and %v", count, q.Sum[2], q.ForceZ[2], sum, force)
			}
		}
	})
	for _, call := range []func(){func() { Repel2(&Points2{}, make([]float32, 4)) }, func() { Repel3(&Points3{}, make([]float32, 6)) }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("part of a source: no panic")
				}
			}()
			call()
		}()
	}
}

func BenchmarkRepel(b *testing.B) {
	sources := make([]float32, 3*256)
	for i := range sources {
		sources[i] = float32(i%17) * 0.3
	}
	var p Points2
	for b.Loop() {
		Repel2(&p, sources)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/(256*RepelLanes)*1e9, "ns/pair")
}
