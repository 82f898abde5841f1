package signal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"likeness/engine/internal/portable"
	"likeness/engine/picture"
)

func TestSamples(t *testing.T) {
	le := binary.LittleEndian
	f32 := func(v float32) []byte { return le.AppendUint32(nil, math.Float32bits(v)) }
	f64 := func(v float64) []byte { return le.AppendUint64(nil, math.Float64bits(v)) }
	for _, c := range []struct {
		format   uint16
		channels int
		bits     int
		samples  []byte
		want     []float64
	}{
		{formatPCM, 1, 8, []byte{0, 128, 255}, []float64{-1, 0, 127.0 / 128}},
		{formatPCM, 1, 16, []byte{0, 0x80, 0xff, 0x7f, 1, 0}, []float64{-1, 32767.0 / 32768, 1.0 / 32768}},
		{formatPCM, 1, 24, []byte{0, 0, 0x80, 0xff, 0xff, 0x7f, 1, 0, 0}, []float64{-1, 8388607.0 / 8388608, 1.0 / 8388608}},
		{formatPCM, 1, 32, []byte{0, 0, 0, 0x80, 0, 0, 0, 0x40}, []float64{-1, 0.5}},
		{formatFloat, 1, 32, append(f32(0.25), f32(-2)...), []float64{0.25, -2}},
		{formatFloat, 1, 64, append(f64(0.125), f64(-1)...), []float64{0.125, -1}},
		{formatPCM, 2, 16, []byte{0, 0x40, 0, 0x20, 0, 0xc0, 0, 0x40}, []float64{0.375, 0}},
		{formatExtensible, 1, 16, []byte{0, 0x40}, []float64{0.5}},
	} {
		w, err := ReadWAV(wav(c.format, 8000, c.channels, c.bits, c.samples))
		if err != nil {
			t.Fatal(c, err)
		}
		got, err := w.Mono(0, w.Frames())
		if err != nil || !slices.Equal(got, c.want) || w.Rate != 8000 {
			t.Errorf("%d bits: %v (%v), want %v", c.bits, got, err, c.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	good := wav(formatPCM, 8000, 1, 16, make([]byte, 2000))
	for _, c := range []struct {
		name, parameters string
		data             []byte
		code, want       string
	}{
		{"a.wav", "", nil, CodeEmpty, "empty"},
		{"a.wav", "", []byte("OggS............"), CodeFormat, "but Ogg"},
		{"a.wav", "", wav(0x55, 8000, 1, 16, make([]byte, 20)), CodeFeature, "MP3"},
		{"a.wav", "", wav(0x11, 8000, 1, 4, make([]byte, 20)), CodeFeature, "IMA ADPCM"},
		{"a.wav", "", wav(0x7777, 8000, 1, 16, make([]byte, 20)), CodeFeature, "0x7777"},
		{"a.wav", "", wav(formatPCM, 8000, 1, 12, make([]byte, 20)), CodeFeature, "12 bits"},
		{"a.wav", "", wav(formatPCM, 8000, 0, 16, make([]byte, 20)), CodeFeature, "0 channels"},
		{"a.wav", "", wav(formatPCM, 1, 1, 16, make([]byte, 20)), CodeFeature, "1 Hz"},
		{"a.wav", "", wav(formatPCM, 8000, 1, 16, nil), CodeEmpty, "no samples"},
		{"a.wav", "", wav(formatFloat, 8000, 1, 32, []byte{0, 0, 0xc0, 0x7f}), CodeCorrupt, "no numbers"},
		{"a.wav", "", good[:len(good)-1], CodeCorrupt, "cut off"},
		{"a.wav", "", good[:30], CodeCorrupt, "cut off"},
		{"a.wav", "offset=5", good, CodeEmpty, "offset=5"},
		{"a.wav", "sr=384000,n_fft=65536,hop_length=1,n_mels=1", good, CodeTooLarge, "a shorter n_fft"},
		{"a.wav", "sr=384000,hop_length=1,n_mels=1024", good, CodeTooLarge, "longer hop_length"},
		{"a.wav", "sr=0,fmax=5000", good, CodeOptions, "8000 Hz"},
		{"a.csv", "", []byte("a,b\nx,y\n"), CodeFormat, "line 2"},
		{"a.csv", "", []byte("1,2\n3\n"), CodeFormat, "line 2 has 1 values"},
		{"a.csv", "", []byte("t,v\n1,NaN\n2,3\n"), CodeFormat, ""},
		{"a.csv", "column=w", []byte("t,v\n1,2\n2,3\n"), CodeOptions, "t, v"},
		{"a.csv", "column=v", []byte("t,v\n1,\n2,3\n"), CodeFormat, "line 2"},
		{"a.csv", "image_size=5", []byte("1\n2\n"), CodeOptions, "only 2"},
		{"a.csv", "", []byte("\x00\x01"), CodeFormat, "no CSV"},
		{"a.csv", "", []byte("# nothing\n"), CodeEmpty, "no rows"},
		{"a.txt", "", []byte("\xff\xfe"), CodeFormat, "UTF-8"},
		{"a.txt", "", []byte(" \n"), CodeEmpty, "no characters"},
		{"a.jpg", "", good, CodeFormat, ".wav"},
	} {
		o, err := Parse(Auto, c.parameters)
		if err == nil {
			_, err = o.Render(c.name, c.data)
		}
		var e *Error
		if c.want == "" { // a column that is all numbers is taken instead
			if err != nil {
				t.Errorf("%q: %v", c.data, err)
			}
			continue
		}
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Msg, c.want) {
			t.Errorf("%s %s %.20q: %v, want %s with %q", c.name, c.parameters, c.data, err, c.code, c.want)
		}
	}
	for parameters, want := range map[string]string{"n_ftt=3": "n_fft", "n_fft": "name=value", "n_fft=x": "a number from 2", "fmin=5,fmax=3": "fmax=3", "sr=8000,fmax=5000": "half", "win_length=4096": "n_fft", "method=x": "summation", "sr=5": "100", "threshold=1": "no parameter", "power=NaN": "a number"} {
		if _, err := Parse(Auto, parameters); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", parameters, err, want)
		}
	}
	if _, err := Parse(Recurrence, "threshold=0"); err == nil {
		t.Error("threshold=0 is taken")
	}
}

func TestOptionsRoundTrip(t *testing.T) {
	for _, s := range []string{"auto", "mel n_fft=1024,fmax=4000.5", "gaf method=difference", "recurrence threshold=point,percentage=20", "page columns=60", "bytes width=64", "auto size=0,n_mels=64,columns=30"} {
		o, err := ParseString(s)
		if err != nil || o.String() != s {
			t.Errorf("%q: %v (%v)", s, o, err)
		}
	}
	if o, err := Parse(GAF, "method=d"); err != nil || o.String() != "gaf method=difference" {
		t.Error(o, err)
	}
}

func TestSeries(t *testing.T) {
	for text, want := range map[string][]float64{
		"1\n2\n3\n":                    {1, 2, 3},
		"time,value\n0,5\n1,6\n":       {5, 6},
		"0;5,5\n1;6,25\n":              {5.5, 6.25},
		"1,2,3,4\n":                    {1, 2, 3, 4},
		"\xef\xbb\xbfv\tn\r\n1\ta\r\n": {1},
		"# x\n1 2\n 3  4\n":            {2, 4},
		"\"v\",\"w\"\n\"1\",\"2\"\n":   {2},
	} {
		if got, err := ReadSeries([]byte(text), ""); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v (%v), want %v", text, got, err, want)
		}
	}
	for column, want := range map[string]float64{"t": 0, "v": 5, "1": 0, "2": 5} {
		if got, err := ReadSeries([]byte("t,v\n0,5\n"), column); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("column %s: %v (%v), want %v", column, got, err, want)
		}
	}
}

// TestMelPicture: a steady tone is one bright row where its frequency lies.
func TestMelPicture(t *testing.T) {
	x := make([]float64, 22050)
	for i := range x {
		sin, _ := portable.Turn(int64(i)*1000, 22050)
		x[i] = sin
	}
	o, _ := Parse(Mel, "size=0")
	g, err := o.Render("a.WAV", wav(formatPCM, 22050, 1, 16, pcm16(x)))
	if err != nil || g.W != 44 || g.H != 128 {
		t.Fatal(g.W, g.H, err)
	}
	best := 0
	for y := range g.H {
		if g.Pix[y*g.W+20] > g.Pix[best*g.W+20] {
			best = y
		}
	}
	// 1000 Hz are 15 mels of the 50.2 up to 11025 Hz: row 128 - 15/50.2*129 from the top.
	if best < 88 || best > 91 || g.Pix[best*g.W+20] < 250 || g.Pix[10*g.W+20] > 40 {
		t.Errorf("the tone is in row %d, %d bright; high up it is %d", best, g.Pix[best*g.W+20], g.Pix[10*g.W+20])
	}
}

func TestPage(t *testing.T) {
	if got, want := wrap("one two three\n\nfour\tx", 8, 9), []string{"one two ", "three", "", "four    ", "x"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := wrap(strings.Repeat("x", 1000), 10, 3); len(got) != 3 || got[2] != "xxxxxxxxxx" {
		t.Errorf("%q", got)
	}
	o, _ := Parse(Page, "columns=3,lines=2")
	g, err := o.Render("a.txt", []byte("i\u4e2d"))
	if err != nil || g.W != 24 || g.H != 32 {
		t.Fatal(g, err)
	}
	ink := func(column, row int) (n int) {
		for y := range 16 {
			for x := range 8 {
				n += 255 - int(g.Pix[(row*16+y)*g.W+column*8+x])
			}
		}
		return n
	}
	if ink(0, 0) < 500 || ink(1, 0) < 500 || ink(2, 0) != 0 || ink(0, 1) > 400 {
		t.Error(ink(0, 0), ink(1, 0), ink(2, 0), ink(0, 1))
	}
}

func TestBytes(t *testing.T) {
	if g := bytesPicture([]byte{1, 2, 3}, 2); g.W != 2 || g.H != 2 || !slices.Equal(g.Pix, []byte{1, 2, 3, 0}) {
		t.Error(g)
	}
	for size, want := range map[int]int{1: 32, 9999: 32, 10000: 64, 59999: 128, 100000: 384, 999999: 768, 1000000: 1024} {
		if got := plotWidth(size); got != want {
			t.Errorf("%d: %d, want %d", size, got, want)
		}
	}
}

// TestBMP: the reader of pictures gives the same greys.
func TestBMP(t *testing.T) {
	g := bytesPicture([]byte{0, 1, 2, 127, 128, 254, 255}, 3)
	px, _, err := picture.Decode(g.BMP(), picture.Limits{})
	if err != nil || px.W != 3 || px.H != 3 || !bytes.Equal(px.Pix, g.RGBA().Pix) {
		t.Fatal(px, err)
	}
}

// made are files of each kind, the same everywhere.
func made() map[string][]byte {
	r := portable.Random(7)
	x := make([]float64, 30000)
	text, series := "", "t,v\n"
	for i := range x {
		sin, cos := portable.Turn(int64(i)*int64(i)/100, 44100)
		x[i] = float64(0.4*sin) + float64(0.1*cos) + float64(0.05*r.Unit())
		if i < 500 {
			series += fmt.Sprintf("%d,%.6f\n", i, x[40*i])
			text += []string{"lorem ", "ipsum\n", "dolor ", "sit ", "\u00e4\u4e2d, "}[r.Below(5)]
		}
	}
	return map[string][]byte{"a.wav": wav(formatPCM, 44100, 1, 16, pcm16(x)), "a.csv": []byte(series), "a.txt": []byte(text)}
}

// TestSameBytes: what is made of a file is the same on every platform; the
// hashes were written down on linux/amd64.
func TestSameBytes(t *testing.T) {
	files := made()
	for _, c := range []struct{ name, options, want string }{
		{"a.wav", "mel", "12956716a3d3aa40"},
		{"a.wav", "mel sr=16000,n_fft=400,hop_length=160,n_mels=80,power=1.5", "dce57890ecc9ba89"},
		{"a.csv", "gaf", "915f8123d4dceb86"},
		{"a.csv", "gaf method=difference,size=0,image_size=100", "83cf1b833d01f872"},
		{"a.csv", "recurrence dimension=3,time_delay=2", "6e35eddf19ace919"},
		{"a.csv", "recurrence threshold=point,percentage=20", "6182ba8a831d4fd5"},
		{"a.txt", "page", "1ef57974c724ee3d"},
		{"a.txt", "bytes", "ba16999b01d76539"},
	} {
		o, err := ParseString(c.options)
		if err != nil {
			t.Fatal(err)
		}
		g, err := o.Render(c.name, files[c.name])
		if err != nil {
			t.Fatal(c.options, err)
		}
		sum := sha256.Sum256(g.Pix)
		if got := hex.EncodeToString(sum[:8]); got != c.want {
			t.Errorf("%s of %s: %s, want %s", c.options, c.name, got, c.want)
		}
	}
}

// FuzzRender: no bytes and no parameters make it panic, allocate without bound
// or end in an error of another type.
func FuzzRender(f *testing.F) {
	for name, data := range made() {
		f.Add(name, "", data[:min(len(data), 3000)])
	}
	f.Add("a.wav", "sr=8000,n_fft=64,hop_length=32,n_mels=8", wav(formatFloat, 8000, 2, 32, make([]byte, 400)))
	f.Add("a.wav", "sr=0,duration=0.01", wav(formatExtensible, 96000, 1, 24, make([]byte, 600)))
	f.Add("a.csv", "method=d,image_size=3", []byte("a;b\n1,5;2\n2;3\n3;4\n"))
	f.Add("a.txt", "columns=7,lines=3", []byte("one\ttwo\r\n\u00e4\u4e2d"))
	f.Fuzz(func(t *testing.T, name, parameters string, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		for _, kind := range Kinds {
			o, err := Parse(kind, parameters)
			if err == nil && (o.NMels+o.NFFT)*len(data) > 1<<18*o.HopLength {
				continue // right, and slow
			}
			var g *Gray
			if err == nil {
				g, err = o.Render(name, data)
			}
			if e := (*Error)(nil); err != nil && !errors.As(err, &e) {
				t.Fatalf("error of another type: %v", err)
			}
			if err == nil && (g.W < 1 || g.H < 1 || len(g.Pix) != g.W*g.H || len(g.Pix) > maxCells) {
				t.Fatalf("%d x %d and %d bytes", g.W, g.H, len(g.Pix))
			}
			if err == nil && o.Size > 0 && kind != Page && o.Made(name, data) != Page && (g.W != o.Size || g.H != o.Size) {
				t.Fatalf("%d x %d in place of %d", g.W, g.H, o.Size)
			}
		}
	})
}
