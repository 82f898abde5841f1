package signal

import (
	"math"

	"likeness/engine/internal/portable"
)

// ln10 is the natural logarithm of 10.
const ln10 = math.Ln10

// melPicture draws a sound: low frequencies at the bottom, time to the right,
// the loudest white, TopDB below it black.
func melPicture(data []byte, o *Options) (*Gray, error) {
	w, err := ReadWAV(data)
	if err != nil {
		return nil, err
	}
	start := int(min(o.Offset*float64(w.Rate), float64(w.Frames())))
	end := w.Frames()
	if o.Duration > 0 {
		end = int(min(float64(start)+float64(o.Duration*float64(w.Rate)), float64(end)))
	}
	if end <= start {
		return nil, refuse(CodeEmpty, "the sound has %.3f s, and nothing after offset=%v: choose another part", float64(w.Frames())/float64(w.Rate), o.Offset)
	}
	x, err := w.Mono(start, end)
	if err != nil {
		return nil, err
	}
	sr := o.SR
	if sr == 0 {
		sr = w.Rate
	}
	if max(o.FMin, o.FMax) > float64(sr)/2 {
		return nil, refuse(CodeOptions, "fmin and fmax are at most half of the sampling rate, which is %d Hz", sr)
	}
	if x, err = resample(x, w.Rate, sr); err != nil {
		return nil, err
	}
	bands, err := melSpectrogram(x, sr, o)
	if err != nil {
		return nil, err
	}
	decibels(bands, o.Power, o.TopDB)
	frames := len(bands) / o.NMels
	g := newGray(frames, o.NMels)
	for t := range frames {
		for b := range o.NMels {
			g.Pix[(o.NMels-1-b)*frames+t] = level(1 + float64(bands[t*o.NMels+b]/o.TopDB))
		}
	}
	return g, nil
}

// maxWork bounds the samples of all windows together, which takes about a minute.
const maxWork = 1 << 31

// melSpectrogram is librosa.feature.melspectrogram (center, zeros beyond the
// ends, Hann's window, Slaney's scale and norm), frame after frame: len(x)/hop+1
// frames of NMels values.
func melSpectrogram(x []float64, sr int, o *Options) ([]float64, error) {
	frames := len(x)/o.HopLength + 1
	if frames > maxCells/o.NMels {
		return nil, refuse(CodeTooLarge, "the sound has %d windows of %d bands: choose a longer hop_length, or a part with offset= and duration=", frames, o.NMels)
	}
	if int64(frames)*int64(o.NFFT) > maxWork {
		return nil, refuse(CodeTooLarge, "the sound has %d windows of %d samples: choose a longer hop_length, a shorter n_fft, or a part with offset= and duration=", frames, o.NFFT)
	}
	window := hann(o.WinLength, o.NFFT)
	d, filters := newDFT(o.NFFT), melFilters(sr, o)
	out := make([]float64, frames*o.NMels)
	part, power := make([]float64, o.NFFT), make([]float64, o.NFFT/2+1)
	for t := range frames {
		from := t*o.HopLength - o.NFFT/2
		for i := range part {
			part[i] = 0
			if at := from + i; at >= 0 && at < len(x) {
				part[i] = x[at] * window[i]
			}
		}
		re, im := d.real(part)
		for i := range power {
			power[i] = raised(float64(re[i]*re[i])+float64(im[i]*im[i]), o.Power)
		}
		for b, f := range filters {
			sum := 0.0
			for i, weight := range f.weights {
				sum += float64(weight * power[f.first+i])
			}
			out[t*o.NMels+b] = sum
		}
	}
	return out, nil
}

// raised is the magnitude of the given square to a power.
func raised(square, power float64) float64 {
	switch {
	case power == 2:
		return square
	case power == 1:
		return math.Sqrt(square)
	case square == 0:
		return 0
	}
	return portable.Exp(power / 2 * portable.Log(square))
}

// hann is Hann's window of length values, periodic as scipy.signal.get_window
// has it, in the middle of n; length 0 is n.
func hann(length, n int) []float64 {
	if length == 0 {
		length = n
	}
	w := make([]float64, n)
	for i := range length {
		_, cos := portable.Turn(int64(i), int64(length))
		w[(n-length)/2+i] = 0.5 - float64(0.5*cos)
	}
	return w
}

// filter is one mel band: weights of the frequencies from first on.
type filter struct {
	first   int
	weights []float64
}

// melFilters is librosa.filters.mel: triangles between points that are evenly
// spaced on Slaney's scale (Auditory Toolbox, 1998), each of area 1.
func melFilters(sr int, o *Options) []filter {
	fmax := o.FMax
	if fmax == 0 {
		fmax = float64(sr) / 2
	}
	low, high := hertzToMel(o.FMin), hertzToMel(fmax)
	points := make([]float64, o.NMels+2)
	step := (high - low) / float64(o.NMels+1)
	for i := range points {
		points[i] = melToHertz(low + float64(float64(i)*step))
	}
	points[o.NMels+1] = melToHertz(high)
	filters := make([]filter, o.NMels)
	for b := range filters {
		left, middle, right := points[b], points[b+1], points[b+2]
		f := &filters[b]
		for k := range o.NFFT/2 + 1 {
			hz := float64(k) * float64(sr) / float64(o.NFFT)
			weight := min((hz-left)/(middle-left), (right-hz)/(right-middle))
			if !(weight > 0) {
				continue
			}
			if f.weights == nil {
				f.first = k
			}
			f.weights = append(f.weights, weight*2/(right-left))
		}
	}
	return filters
}

// Slaney's scale is linear up to 1000 Hz and logarithmic above: 15 mels are
// 1000 Hz, 27 more a factor of 6.4.
const linearMels = 15

func hertzToMel(hz float64) float64 {
	if hz < 1000 {
		return hz * 3 / 200
	}
	return linearMels + portable.Log(hz/1000)*27/portable.Log(6.4)
}

func melToHertz(mel float64) float64 {
	if mel < linearMels {
		return mel * 200 / 3
	}
	return 1000 * portable.Exp((mel-linearMels)*portable.Log(6.4)/27)
}

// decibels makes of values those below the largest in dB, -topDB..0, as
// librosa.power_to_db(ref=np.max) does for power 2 and amplitude_to_db for 1:
// what is below 1e-10 in units of power counts as that.
func decibels(values []float64, power, topDB float64) {
	const floor = 1e-10
	loudest := floor
	for i, v := range values {
		if power != 2 {
			v = raised(v, 4/power) // its square to half of that
		}
		values[i] = max(v, floor)
		loudest = max(loudest, v)
	}
	of := portable.Log(loudest)
	for i, v := range values {
		values[i] = max(float64((portable.Log(v)-of)*10)/ln10, -topDB)
	}
}
