package project

import "likeness/engine/internal/portable"

func exp(x float64) float64 { return portable.Exp(x) }

func log(x float64) float64 { return portable.Log(x) }

// pow is for x >= 0, and y > 0 if x is 0.
func pow(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return exp(float64(y * log(x)))
}

// random is a series of pseudo-random numbers.
type random = portable.Random
