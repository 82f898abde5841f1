package project_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/project"
)

// spectrum makes vectors whose variances fall as those of picture features do,
// by a power of the component's number.
func spectrum(n, dim int, power float64) []float32 {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(dim)))
	data := make([]float32, n*dim)
	for i := range data {
		j := i % dim
		data[i] = float32(rng.NormFloat64() * math.Pow(float64(j+1), -power/2))
	}
	return data
}

func BenchmarkPCA(b *testing.B) {
	for _, c := range [][2]int{{200, 1280}, {1000, 160}, {1000, 1280}, {10000, 160}, {10000, 1280}} {
		for _, power := range []float64{1, 0} { // 0: noise without direction, the worst case
			b.Run(fmt.Sprintf("%dx%d/power=%g", c[0], c[1], power), func(b *testing.B) {
				data := spectrum(c[0], c[1], power)
				for b.Loop() {
					if _, _, err := project.PCA(data, c[0], c[1], 2); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
