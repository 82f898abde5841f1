package samples

import (
	"bytes"
	"fmt"
)

const values = 200

// series differ in their course; period, phase, size and noise are up to chance.
var series = []kind{
	{"sine", course(func(d *dice, x []float64) {
		period, phase := d.from(30, 70), d.Share()
		for i := range x {
			x[i] = wave(float64(i)/period + phase)
		}
	})},
	{"square", course(func(d *dice, x []float64) {
		period, phase := d.from(30, 70), d.Share()
		for i := range x {
			x[i] = 1
			if wave(float64(i)/period+phase) < 0 {
				x[i] = -1
			}
		}
	})},
	{"trend", course(func(d *dice, x []float64) {
		slope := d.from(1, 3)
		for i := range x {
			x[i] = float64(slope*float64(i)/values) + float64(0.3*d.normal())
		}
	})},
	{"walk", course(func(d *dice, x []float64) {
		at := 0.0
		for i := range x {
			at += d.normal()
			x[i] = at
		}
	})},
	{"pulses", course(func(d *dice, x []float64) {
		step := int(d.from(25, 50))
		for at := d.Below(step); at < len(x); at += step {
			for i := at; i < len(x); i++ {
				x[i] += fade(float64(i-at) / 3)
			}
		}
	})},
	{"logistic", course(func(d *dice, x []float64) {
		r, at := d.from(3.7, 4), d.from(0.2, 0.8)
		for i := range x {
			at = float64(r*at) * (1 - at)
			x[i] = at
		}
	})},
}

// course adds noise and scales: a CSV file of two columns.
func course(fill func(d *dice, x []float64)) func(d *dice) []byte {
	return func(d *dice) []byte {
		x := make([]float64, values)
		fill(d, x)
		scale, base, noise := d.from(0.5, 20), d.from(-10, 10), d.from(0, 0.1)
		b := bytes.NewBufferString("time,value\n")
		for i, v := range x {
			fmt.Fprintf(b, "%d,%.6f\n", i, base+float64(scale*(v+float64(noise*d.normal()))))
		}
		return b.Bytes()
	}
}
