package signal

import (
	"encoding/binary"
	"math"
	"math/cmplx"
	"slices"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"

	"likeness/engine/internal/portable"
)

// What follows are the published definitions in float64, written down without
// regard to speed and with package math, to compare with.

// tone is a sound of two sines and noise.
func tone(n, rate int, seed uint64) []float64 {
	r := portable.Random(seed)
	x := make([]float64, n)
	for i := range x {
		t := float64(i) / float64(rate)
		x[i] = 0.5*math.Sin(2*math.Pi*440*t) + 0.2*math.Sin(2*math.Pi*(1000+500*t)*t) + 0.01*r.Unit()
	}
	return x
}

func near(t *testing.T, what string, got, want []float64, within float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= within*max(1, math.Abs(want[i]))) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestDFTAgainstGonumAndDefinition(t *testing.T) {
	for _, n := range []int{2, 3, 4, 5, 16, 25, 100, 400, 512, 1023, 2048} {
		x := tone(n, 8000, uint64(n))
		re, im := newDFT(n).real(x)
		coefficients := fourier.NewFFT(n).Coefficients(nil, x)
		for k := range n/2 + 1 {
			if got := complex(re[k], im[k]); cmplx.Abs(got-coefficients[k]) > 1e-11*float64(n) {
				t.Fatalf("n %d, k %d: %v, gonum %v", n, k, got, coefficients[k])
			}
		}
		if n > 100 {
			continue
		}
		for k := range n {
			var sum complex128
			for i, v := range x {
				sum += complex(v, 0) * cmplx.Exp(complex(0, -2*math.Pi*float64(i*k)/float64(n)))
			}
			if cmplx.Abs(sum-complex(re[k], im[k])) > 1e-11*float64(n) {
				t.Fatalf("n %d, k %d: %v %v, want %v", n, k, re[k], im[k], sum)
			}
		}
	}
}

// plainMel is librosa.feature.melspectrogram in the words of its documentation,
// band after band.
func plainMel(x []float64, sr, nfft, hop, win, mels int, fmin, fmax, power float64) [][]float64 {
	toMel := func(f float64) float64 {
		if f < 1000 {
			return f / (200.0 / 3)
		}
		return 15 + math.Log(f/1000)/(math.Log(6.4)/27)
	}
	toHz := func(m float64) float64 {
		if m < 15 {
			return m * (200.0 / 3)
		}
		return 1000 * math.Exp(math.Log(6.4)/27*(m-15))
	}
	points := make([]float64, mels+2)
	for i := range points {
		points[i] = toHz(toMel(fmin) + (toMel(fmax)-toMel(fmin))*float64(i)/float64(mels+1))
	}
	padded := make([]float64, len(x)+nfft)
	copy(padded[nfft/2:], x)
	frames := 1 + (len(padded)-nfft)/hop
	out := make([][]float64, mels)
	for b := range out {
		out[b] = make([]float64, frames)
	}
	for t := range frames {
		part := make([]float64, nfft)
		for i := range win {
			at := (nfft-win)/2 + i
			part[at] = padded[t*hop+at] * (0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(win)))
		}
		for k, c := range fourier.NewFFT(nfft).Coefficients(nil, part) {
			hz := float64(k) * float64(sr) / float64(nfft)
			magnitude := math.Pow(cmplx.Abs(c), power)
			for b := range out {
				lower, upper := (hz-points[b])/(points[b+1]-points[b]), (points[b+2]-hz)/(points[b+2]-points[b+1])
				out[b][t] += max(0, min(lower, upper)) * 2 / (points[b+2] - points[b]) * magnitude
			}
		}
	}
	return out
}

func TestMelAgainstDefinition(t *testing.T) {
	for _, c := range []string{"", "n_fft=512,hop_length=160,n_mels=40", "n_fft=400,hop_length=160,n_mels=80,sr=16000,fmax=8000", "n_fft=1024,win_length=600,power=1,fmin=50,fmax=4000", "power=1.5,n_mels=20"} {
		o, err := Parse(Mel, c)
		if err != nil {
			t.Fatal(err)
		}
		x := tone(6000, o.SR, 1)
		got, err := melSpectrogram(x, o.SR, o)
		if err != nil {
			t.Fatal(err)
		}
		fmax, win := o.FMax, o.WinLength
		if fmax == 0 {
			fmax = float64(o.SR) / 2
		}
		if win == 0 {
			win = o.NFFT
		}
		want := plainMel(x, o.SR, o.NFFT, o.HopLength, win, o.NMels, o.FMin, fmax, o.Power)
		var flat []float64
		loudest := 1e-10
		for f := range want[0] {
			for b := range want {
				flat = append(flat, want[b][f])
				loudest = max(loudest, math.Pow(want[b][f], 2/o.Power))
			}
		}
		near(t, "mel "+c, got, flat, 1e-9)
		for i, v := range flat {
			db := 10*math.Log10(max(1e-10, math.Pow(v, 2/o.Power))) - 10*math.Log10(loudest)
			flat[i] = max(db, -o.TopDB)
		}
		decibels(got, o.Power, o.TopDB)
		near(t, "dB "+c, got, flat, 1e-8)
	}
}

// TestMelPoints: the numbers that librosa's documentation prints for
// mel_frequencies(n_mels=40), rounded to three places there, and the scale's
// published points.
func TestMelPoints(t *testing.T) {
	want := []float64{0, 85.317, 170.635, 255.952, 341.269, 426.586, 511.904, 597.221, 682.538, 767.855, 853.173, 938.49, 1024.856, 1119.114, 1222.042, 1334.436,
		1457.167, 1591.187, 1737.532, 1897.337, 2071.84, 2262.393, 2470.47, 2697.686, 2945.799, 3216.731, 3512.582, 3835.643, 4188.417, 4573.636, 4994.285, 5453.621, 5955.205, 6502.92, 7101.009, 7754.107, 8467.272, 9246.028, 10096.408, 11025}
	high := hertzToMel(11025)
	for i, hz := range want {
		if got := melToHertz(high * float64(i) / 39); math.Abs(got-hz) > 6e-4 {
			t.Errorf("point %d is %v, librosa says %v", i, got, hz)
		}
	}
	if hertzToMel(60) != 0.9 || math.Abs(hertzToMel(6400)-42) > 1e-12 {
		t.Error(hertzToMel(60), hertzToMel(6400))
	}
}

// TestPeriodicHann: scipy.signal.get_window('hann', 5), of its definition.
func TestPeriodicHann(t *testing.T) {
	near(t, "hann", hann(5, 5), []float64{0, 0.3454915028125263, 0.9045084971874737, 0.9045084971874737, 0.3454915028125263}, 1e-15)
	near(t, "in the middle", hann(2, 6), []float64{0, 0, 0, 1, 0, 0}, 0)
}

func TestResample(t *testing.T) {
	sine := func(hz float64, rate int) []float64 {
		x := make([]float64, rate/2)
		for i := range x {
			x[i] = math.Sin(2 * math.Pi * hz * float64(i) / float64(rate))
		}
		return x
	}
	for _, c := range []struct{ from, to int }{{44100, 22050}, {48000, 22050}, {8000, 22050}, {22050, 16000}, {44100, 48000}} {
		got, err := resample(sine(1000, c.from), c.from, c.to)
		if err != nil {
			t.Fatal(err)
		}
		want := sine(1000, c.to)
		if len(got) != len(want) {
			t.Fatalf("%v: %d samples, want %d", c, len(got), len(want))
		}
		// At the ends there is silence to one side.
		near(t, "sine", got[300:len(got)-300], want[300:len(want)-300], 2e-4)
	}
	// What the lower rate cannot hold is gone, not folded down.
	got, err := resample(sine(12500, 44100), 44100, 22050)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range got[300 : len(got)-300] {
		if math.Abs(v) > 2e-3 {
			t.Fatalf("12.5 kHz leaves %v", v)
		}
	}
}

func TestGramian(t *testing.T) {
	// By hand: 1, 3, 2 are scaled to -1, 1, 0, the angles pi, 0, pi/2; cosines of
	// their sums and sines of their differences.
	near(t, "gasf", gramian([]float64{1, 3, 2}, "summation"), []float64{1, -1, 0, -1, 1, 0, 0, 0, -1}, 1e-15)
	near(t, "gadf", gramian([]float64{1, 3, 2}, "difference"), []float64{0, 0, 1, 0, 0, -1, -1, 1, 0}, 1e-15)
	x := tone(50, 3000, 3)
	low, high := slices.Min(x), slices.Max(x)
	var sums, differences []float64
	for _, a := range x {
		for _, b := range x {
			p, q := math.Acos((a-low)/(high-low)*2-1), math.Acos((b-low)/(high-low)*2-1)
			sums, differences = append(sums, math.Cos(p+q)), append(differences, math.Sin(p-q))
		}
	}
	near(t, "sums", gramian(x, "summation"), sums, 1e-12)
	near(t, "differences", gramian(x, "difference"), differences, 1e-7) // the arc cosine loses half of the places near 1
	near(t, "constant", gramian([]float64{4, 4}, "summation"), []float64{1, 1, 1, 1}, 0)
}

func TestAggregate(t *testing.T) {
	// The bounds are numpy.linspace(0, 7, 4).astype(int): 0, 2, 4, 7.
	near(t, "aggregate", aggregate([]float64{1, 2, 3, 4, 5, 6, 10}, 3), []float64{1.5, 3.5, 7}, 0)
}

func TestRecurrence(t *testing.T) {
	x := []float64{0, 1, 3, 1}
	d, n, err := distances(x, 1, 1)
	if err != nil || n != 4 {
		t.Fatal(n, err)
	}
	near(t, "distances", d, []float64{0, 1, 3, 1, 1, 0, 2, 0, 3, 2, 0, 2, 1, 0, 2, 0}, 0)
	// Trajectories (0, 3) and (1, 1).
	if d, n, err = distances(x, 2, 2); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	near(t, "trajectories", d, []float64{0, math.Sqrt(5), math.Sqrt(5), 0}, 0)
	if _, _, err = distances(x, 3, 2); err == nil {
		t.Error("no trajectory is left, and no error")
	}
	// numpy.percentile(range(1, 5), 40) = 2.2
	near(t, "percentile", []float64{percentile([]float64{4, 1, 3, 2}, 40), percentile([]float64{4, 1}, 100)}, []float64{2.2, 4}, 1e-15)
	for threshold, want := range map[string][]byte{
		"none":     {0, 85, 255, 85, 85, 0, 170, 0, 255, 170, 0, 170, 85, 0, 170, 0},
		"1.5":      {255, 255, 0, 255, 255, 255, 0, 255, 0, 0, 255, 0, 255, 255, 0, 255},
		"distance": {255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 255, 0, 0, 255, 0, 255}, // below 0.3
		"point":    {255, 255, 0, 255, 255, 255, 0, 255, 0, 0, 255, 0, 255, 255, 0, 255},
	} {
		o, _ := New(Recurrence)
		o.Threshold = threshold
		if threshold == "point" {
			o.Percentage = 68 // at 10.2 of 15: between 1 and 2
		}
		g, err := recurrencePicture(x, o)
		if err != nil || !slices.Equal(g.Pix, want) {
			t.Errorf("%s: %v (%v), want %v", threshold, g.Pix, err, want)
		}
	}
}

// TestNumbers: values that another program, in Python without any library, has
// worked out from the definitions: discrete Fourier transforms as sums, Slaney's
// triangles, cosines of sums of arc cosines, distances of trajectories,
// numpy's percentile and bounds.
func TestNumbers(t *testing.T) {
	seed, x := 12345, make([]float64, 200)
	for i := range x {
		seed = (1103515245*seed + 12345) % (1 << 31)
		x[i] = float64((seed>>8)%2001-1000) / 1000
	}
	o, err := Parse(Mel, "sr=8000,n_fft=64,hop_length=40,n_mels=8")
	if err != nil {
		t.Fatal(err)
	}
	bands, err := melSpectrogram(x, 8000, o)
	if err != nil || len(bands) != 6*8 {
		t.Fatal(len(bands), err)
	}
	near(t, "mel", bands[8:16], []float64{0.04620733887, 0.006722130315, 0.02832738707, 0.02620382148, 0.02591230767, 0.1045512799, 0.1260763614, 0.1037788795}, 1e-9)
	decibels(bands, 2, 80)
	near(t, "dB", bands[8:24], []float64{-5.109729114, -13.48176942, -7.234773524, -7.573192372, -7.621777775, -1.563545155, -0.7505020268, -1.595748919,
		-12.22928752, -6.050399151, -10.35722899, -6.077866062, -2.952149467, -2.971569787, -0.6510270847, -3.681548299}, 1e-9)
	y := x[:9]
	near(t, "gasf", gramian(y, "summation")[18:27], []float64{-0.9170103104, -0.3561172554, -0.8850486777, -0.8633353292, -0.8722627232, -0.5397152862, -0.7328287606, 0.2397408207, -0.2397408207}, 1e-9)
	near(t, "gadf", gramian(y, "difference")[18:27], []float64{-0.07385329647, 0.6612539744, 0, 0.04474141763, 0.02678507702, 0.4938394729, 0.2610680514, 0.970836927, -0.970836927}, 1e-9)
	d, n, err := distances(y, 3, 2)
	if err != nil || n != 5 {
		t.Fatal(n, err)
	}
	near(t, "recurrence", d[5:10], []float64{0.7222997993, 0, 0.5710700482, 0.6878568165, 1.656249679}, 1e-9)
	near(t, "percentile", []float64{percentile(d, 30)}, []float64{0.5710700482}, 1e-9)
	near(t, "aggregate", aggregate(y, 4), []float64{0.387, 0.171, 0.3705, 0.07866666667}, 1e-9)
}

// TestFilterOfLibrosa: what librosa's documentation prints of
// filters.mel(sr=22050, n_fft=2048), and with fmax=8000.
func TestFilterOfLibrosa(t *testing.T) {
	for parameters, want := range map[string]float64{"": 0.016, "fmax=8000": 0.02} {
		o, err := Parse(Mel, parameters)
		if err != nil {
			t.Fatal(err)
		}
		f := melFilters(22050, o)[0]
		if f.first != 1 || math.Abs(f.weights[0]-want) > 5e-4 {
			t.Errorf("%s: band 0 begins at %d with %v, librosa prints %v at 1", parameters, f.first, f.weights[0], want)
		}
	}
}

// wav writes samples of one channel or more, one after the other.
func wav(format uint16, rate, channels, bits int, samples []byte) []byte {
	le := binary.LittleEndian
	f := le.AppendUint16(nil, format)
	f = le.AppendUint16(f, uint16(channels))
	f = le.AppendUint32(f, uint32(rate))
	f = le.AppendUint32(f, uint32(rate*channels*bits/8))
	f = le.AppendUint16(f, uint16(channels*bits/8))
	f = le.AppendUint16(f, uint16(bits))
	if format == formatExtensible {
		f = append(f, 22, 0, byte(bits), 0, 0, 0, 0, 0, 1, 0)
		f = append(f, guidTail[:]...)
	}
	b := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt "), le.AppendUint32(nil, uint32(len(f)))...)
	b = append(b, f...)
	b = append(b, "LIST\x03\x00\x00\x00abc\x00data"...)
	b = le.AppendUint32(b, uint32(len(samples)))
	b = append(b, samples...)
	le.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// pcm16 is a sound as 16-bit samples.
func pcm16(x []float64) []byte {
	var b []byte
	for _, v := range x {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(math.Round(min(max(v, -1), 1)*32767))))
	}
	return b
}
