package quantise

import (
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/graph"
	"likeness/tools/convert/float"
)

// TestOwed: where what inputs lack follows from the inputs, rounded weights make
// up for it; where it is chance, they are left alone.
func TestOwed(t *testing.T) {
	const k, channels, count = 21, 40, 600
	rng := rand.New(rand.NewPCG(5, 6))
	var mix, lost [k][k]float64
	for i := range k {
		for j := range k {
			mix[i][j], lost[i][j] = rng.NormFloat64(), 0.01*rng.NormFloat64()
		}
	}
	for _, chance := range []bool{false, true} {
		s := samples{x: make([]float32, count*k), lack: make([]float32, count*k), half: count / 2, count: count}
		for at := 0; at < count*k; at += k {
			for j := range k {
				f := rng.NormFloat64()
				for i := range k {
					s.x[at+i] += float32(mix[i][j] * f)
				}
			}
			for i := range k {
				for j := range k {
					s.lack[at+i] += float32(lost[i][j] * float64(s.x[at+j]))
				}
				if chance {
					s.lack[at+i] = float32(0.2 * rng.NormFloat64())
				}
			}
		}
		weights := make([]float32, channels*k)
		for i := range weights {
			weights[i] = float32(rng.NormFloat64())
		}
		// far is the squared error of the rounded weights, against those that
		// read what was before.
		far := func(lack []float32) (sum float64) {
			n := &float.Node{Node: graph.Node{Op: graph.FullyConnected}, Weight: append([]float32(nil), weights...), Bias: make([]float32, channels)}
			for range channels {
				n.Steps = append(n.Steps, 4.0/127)
			}
			b := roundedBlock{n: n, per: k, size: k, count: channels}
			b.round(samples{s.x, lack, s.half, s.count})
			for o := range channels {
				for at := 0; at < count*k; at += k {
					e := 0.0
					for i := range k {
						e += float64(weights[o*k+i])*float64(s.x[at+i]+s.lack[at+i]) - float64(n.Weight[o*k+i])*float64(s.x[at+i])
					}
					sum += e * e
				}
			}
			return sum
		}
		with, without := far(s.lack), far(make([]float32, count*k))
		if ratio := with / without; !chance && !(ratio < 0.5) || chance && !(ratio < 1.02) {
			t.Errorf("chance %v: %g of the squared error remains", chance, ratio)
		}
	}
}

// TestSolved: R times the solution is the right side.
func TestSolved(t *testing.T) {
	const k = 70
	rng := rand.New(rand.NewPCG(7, 8))
	m, g := make([]float64, k*k), make([]float64, k*k)
	for i := range k {
		for j := range k {
			m[i*k+j], g[i*k+j] = math.Exp(-math.Abs(float64(i-j))/4), rng.NormFloat64()
		}
	}
	l := reversedFactor(m, k)
	u := solved(l, g, k)
	for i := range k {
		for c := range k {
			sum := 0.0
			for j := i; j < k; j++ {
				sum += l[(k-1-i)*k+k-1-j] * float64(u[j*float.WholeLanes(k)+c])
			}
			if math.Abs(sum-g[i*k+c]) > 1e-4 {
				t.Fatalf("%d, %d: %g, want %g", i, c, sum, g[i*k+c])
			}
		}
	}
}
