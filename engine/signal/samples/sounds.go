package samples

import "encoding/binary"

const (
	rate    = 16000 // Hz
	samples = 24000 // 1.5 s
)

// sounds differ in their shape over time and pitch; pitch, speed, loudness,
// noise and where they begin are up to chance within each kind.
var sounds = []kind{
	{"bell", sound(func(d *dice, x []float64) {
		f, decay := d.from(400, 1200), d.from(2, 5)
		for i := range x {
			t := float64(i) / rate
			for n, part := range []float64{1, 2.76, 5.4, 8.93} {
				x[i] += float64(wave(f*part*t) * fade(decay*t*float64(n+1)) / float64(n+1))
			}
		}
	})},
	{"chirp-up", sound(func(d *dice, x []float64) { sweep(x, d.from(200, 900), d.from(3000, 6500)) })},
	{"chirp-down", sound(func(d *dice, x []float64) { sweep(x, d.from(3000, 6500), d.from(200, 900)) })},
	{"clicks", sound(func(d *dice, x []float64) {
		step := int(d.from(0.07, 0.2) * rate)
		for at := d.Below(step); at < len(x); at += step {
			for i := at; i < min(at+200, len(x)); i++ {
				x[i] += float64(d.Unit() * fade(float64(i-at)/40))
			}
		}
	})},
	{"hum", sound(func(d *dice, x []float64) {
		f := d.from(60, 180)
		for i := range x {
			for n := 1.0; n <= 12; n++ {
				x[i] += float64(wave(n*f*float64(i)/rate) / n)
			}
		}
	})},
	{"siren", sound(func(d *dice, x []float64) {
		f, depth, speed, turns := d.from(600, 1500), d.from(0.2, 0.5), d.from(1.5, 4), 0.0
		for i := range x {
			turns += f * (1 + float64(depth*wave(speed*float64(i)/rate))) / rate
			x[i] = wave(turns) + float64(0.3*wave(2*turns))
		}
	})},
	{"melody", sound(func(d *dice, x []float64) {
		f, long := d.from(250, 500), int(d.from(0.12, 0.25)*rate)
		for at := 0; at < len(x); at += long {
			note := f * []float64{1, 1.125, 1.25, 1.5, 1.6667, 2}[d.Below(6)]
			for i := at; i < min(at+long, len(x)); i++ {
				t := float64(i-at) / rate
				x[i] = float64((wave(note*t) + float64(0.5*wave(2*note*t)) + float64(0.25*wave(3*note*t))) * fade(4*t))
			}
		}
	})},
	{"rain", sound(func(d *dice, x []float64) {
		last, soft := 0.0, d.from(0.1, 0.5)
		for i := range x {
			last += float64(soft * (d.Unit() - last))
			x[i] = last
		}
	})},
}

// sweep goes from one frequency to another.
func sweep(x []float64, from, to float64) {
	turns := 0.0
	for i := range x {
		turns += (from + float64((to-from)*float64(i)/float64(len(x)))) / rate
		x[i] = wave(turns)
	}
}

// sound begins after a silence, has a loudness and noise, and is a WAV file of
// 16 bits.
func sound(fill func(d *dice, x []float64)) func(d *dice) []byte {
	return func(d *dice) []byte {
		x := make([]float64, samples)
		fill(d, x[int(d.from(0, 0.25)*rate):])
		most := 1e-9
		for _, v := range x {
			most = max(most, v, -v)
		}
		loud, noise := d.from(0.3, 0.9)/most, d.from(0.001, 0.02)
		le := binary.LittleEndian
		b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
		b = le.AppendUint32(b, rate)
		b = le.AppendUint32(b, 2*rate)
		b = append(b, "\x02\x00\x10\x00data"...)
		b = le.AppendUint32(b, 2*samples)
		for _, v := range x {
			v = float64(v*loud) + float64(noise*d.normal()/2)
			b = le.AppendUint16(b, uint16(int16(min(max(v, -1), 1)*32767)))
		}
		le.PutUint32(b[4:], uint32(len(b)-8))
		return b
	}
}
