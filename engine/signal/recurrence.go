package signal

import (
	"math"
	"slices"
	"strconv"
)

// recurrencePicture draws a series as a recurrence plot (Eckmann, Kamphorst and
// Ruelle 1987): with a threshold, trajectories that are nearer are white;
// without, distances are grey, the largest white.
func recurrencePicture(x []float64, o *Options) (*Gray, error) {
	d, n, err := distances(x, o.Dimension, o.TimeDelay)
	if err != nil {
		return nil, err
	}
	g := newGray(n, n)
	largest := slices.Max(d)
	if o.Threshold == "none" {
		for i, v := range d {
			if largest > 0 {
				g.Pix[i] = level(v / largest)
			}
		}
		return g, nil
	}
	var limit float64
	switch o.Threshold {
	case "point":
		limit = percentile(d, o.Percentage)
	case "distance":
		limit = o.Percentage / 100 * largest
	default:
		if limit, err = strconv.ParseFloat(o.Threshold, 64); err != nil {
			return nil, refuse(CodeOptions, "threshold=%s is no number", o.Threshold)
		}
	}
	for i, v := range d {
		if v < limit {
			g.Pix[i] = 255
		}
	}
	return g, nil
}

// distances are the Euclidean ones of all pairs of the n trajectories of a
// series, as pyts.image.RecurrencePlot has them.
func distances(x []float64, dimension, delay int) (d []float64, n int, err error) {
	n = len(x) - (dimension-1)*delay
	if dimension > len(x) || n < 1 {
		return nil, 0, refuse(CodeOptions, "dimension=%d and time_delay=%d leave no trajectory of %d values: choose smaller ones", dimension, delay, len(x))
	}
	d = make([]float64, n*n)
	for i := range n {
		for j := range i {
			v := math.Abs(x[i] - x[j])
			if dimension > 1 {
				sum := 0.0
				for k := range dimension {
					by := x[i+k*delay] - x[j+k*delay]
					sum += float64(by * by)
				}
				v = math.Sqrt(sum)
			}
			d[i*n+j], d[j*n+i] = v, v
		}
	}
	return d, n, nil
}

// percentile is numpy.percentile of method linear.
func percentile(values []float64, percentage float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := percentage / 100 * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-1)
	if i == len(sorted)-1 {
		return sorted[i]
	}
	return sorted[i] + float64((at-float64(i))*(sorted[i+1]-sorted[i]))
}
