package samples

import "likeness/engine/internal/portable"

// dice are the chance of one file.
type dice struct{ portable.Random }

func newDice(kind, file int) *dice { return &dice{portable.Random(1000*kind + file + 1)} }

// from returns a number in low..high.
func (d *dice) from(low, high float64) float64 { return low + float64(d.Share()*(high-low)) }

// normal returns a number of about the normal distribution.
func (d *dice) normal() float64 {
	sum := 0.0
	for range 12 {
		sum += d.Share()
	}
	return sum - 6
}

// wave is the sine of a number of turns.
func wave(turns float64) float64 {
	const n = 1 << 32
	whole := int64(turns)
	sin, _ := portable.Turn(int64((turns-float64(whole))*n), n)
	return sin
}

// exp is e^-x for x >= 0.
func fade(x float64) float64 { return portable.Exp(-x) }
