package signal

import "likeness/engine/internal/portable"

// zeroCrossings is how far to each side the resampling filter reaches, in periods
// of the lower of the two rates.
const zeroCrossings = 32

// resample brings a sound from one sampling rate to another by a windowed sinc
// (Smith, Digital Audio Resampling): Hann's window, 32 zero crossings to each
// side, and the cut at 15/16 of the lower rate's half. What is beyond the ends
// is silence. The result has len(x)*to/from samples, rounded up, as librosa's.
func resample(x []float64, from, to int) ([]float64, error) {
	if from == to {
		return x, nil
	}
	g := gcd(from, to)
	l, m := int64(to/g), int64(from/g)
	n := (int64(len(x))*l + m - 1) / m
	if n > 2*maxSamples {
		return nil, refuse(CodeTooLarge, "the sound would have %d samples at %d Hz: choose a lower sr, or a part with offset= and duration=", n, to)
	}
	r := &resampler{l: l, m: m, reach: int(zeroCrossings*max(l, m)/l) + 1, phases: map[int64][]float64{}}
	out := make([]float64, n)
	for i := range out {
		at := int64(i) * m
		middle, taps := int(at/l), r.taps(at%l)
		first, last := max(0, middle-r.reach), min(len(x)-1, middle+r.reach)
		sum := 0.0
		for k := first; k <= last; k++ {
			sum += float64(x[k] * taps[k-middle+r.reach])
		}
		out[i] = sum
	}
	return out, nil
}

// resampler has the filter for each fraction, of l, of a sample.
type resampler struct {
	l, m   int64
	reach  int // samples to each side
	phases map[int64][]float64
}

// taps are the weights of the samples around a place phase/l behind one; they
// add up to 1.
func (r *resampler) taps(phase int64) []float64 {
	if t := r.phases[phase]; t != nil {
		return t
	}
	t := make([]float64, 2*r.reach+1)
	larger, sum := max(r.l, r.m), 0.0
	for i := range t {
		// The distance in samples is u/l, in periods of the lower rate u/larger.
		u := int64(i-r.reach)*r.l - phase
		if u >= zeroCrossings*larger || u <= -zeroCrossings*larger {
			continue
		}
		t[i] = 1
		if u != 0 {
			sin, _ := portable.Turn(15*u, 32*larger)
			_, cos := portable.Turn(u, 2*zeroCrossings*larger)
			angle := float64(15*u) / float64(16*larger) * pi
			t[i] = float64(sin/angle) * (0.5 + float64(0.5*cos))
		}
		sum += t[i]
	}
	for i := range t {
		t[i] /= sum
	}
	r.phases[phase] = t
	return t
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
