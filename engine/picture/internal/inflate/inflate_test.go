package inflate

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// pieces gives a stream in pieces of n bytes, with empty ones between.
type pieces struct {
	data  []byte
	n     int
	empty bool
	err   error // in place of io.EOF
}

func (p *pieces) Next() ([]byte, error) {
	if p.empty = !p.empty; p.empty {
		return nil, nil
	}
	if len(p.data) == 0 {
		if p.err != nil {
			return nil, p.err
		}
		return nil, io.EOF
	}
	b := p.data[:min(p.n, len(p.data))]
	p.data = p.data[len(b):]
	return b, nil
}

func inflate(z []byte, n int) ([]byte, error) {
	return io.ReadAll(NewReader(&pieces{data: z, n: n}))
}

// samples are data that compress in different ways.
func samples() map[string][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 100_000)
	few := make([]byte, 200_000)
	steps := make([]byte, 150_000)
	skewed := make([]byte, 120_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	for i := range few {
		few[i] = byte(rng.IntN(3))
	}
	for i := range steps {
		steps[i] = byte(i / 7 * i)
	}
	for i := range skewed {
		// Each value is half as likely as the one before: codes of all lengths.
		for v := byte(0); v < 200; v++ {
			if rng.IntN(2) == 0 {
				skewed[i] = v
				break
			}
		}
	}
	periods := []byte{}
	for d := 1; d < 40; d++ {
		for i := range 600 {
			periods = append(periods, byte(i%d*d))
		}
	}
	far := append(append(bytes.Clone(noise[:32768]), noise[:300]...), noise[1:32768]...)
	return map[string][]byte{
		"nothing": nil, "one": {7}, "zeros": make([]byte, 300_000), "noise": noise, "few": few,
		"steps": steps, "skewed": skewed, "periods": periods, "far": far,
	}
}

func deflate(t testing.TB, raw []byte, level int) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(raw[:len(raw)/2])
	_ = w.Flush() // an empty stored block
	_, _ = w.Write(raw[len(raw)/2:])
	_ = w.Close()
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for name, raw := range samples() {
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 6, 9} {
			z := deflate(t, raw, level)
			for _, n := range []int{1, 2, 7, 8, 9, 100, 8192, 1 << 30} {
				t.Run(fmt.Sprintf("%s_%d_%d", name, level, n), func(t *testing.T) {
					got, err := inflate(z, n)
					if err != nil || !bytes.Equal(got, raw) {
						t.Errorf("%v, or %d other bytes than %d", err, len(got), len(raw))
					}
				})
			}
		}
	}
}

// A stream that breaks off ends in io.ErrUnexpectedEOF, after all bytes that it
// tells.
func TestCutAtEveryByte(t *testing.T) {
	raw := samples()["skewed"][:3000]
	for _, level := range []int{0, 1, 9} {
		z := deflate(t, raw, level)
		last := 0
		for n := range z {
			got, err := inflate(z[:n], 50)
			if err != io.ErrUnexpectedEOF || !bytes.HasPrefix(raw, got) || len(got) < last {
				t.Fatalf("%d of %d bytes: %v, %d bytes", n, len(z), err, len(got))
			}
			last = len(got)
		}
	}
}

// What follows the stream is not asked for, and an error of the source is
// passed on.
func TestSource(t *testing.T) {
	wrong := errors.New("wrong")
	raw := samples()["steps"]
	z := deflate(t, raw, 6)
	got, err := io.ReadAll(NewReader(&pieces{data: z, n: 1, err: wrong}))
	if err != nil || !bytes.Equal(got, raw) {
		t.Errorf("%v, %d bytes", err, len(got))
	}
	got, err = io.ReadAll(NewReader(&pieces{data: z[:len(z)-20], n: 100, err: wrong}))
	if err != wrong || !bytes.HasPrefix(raw, got) || len(got) < len(raw)*9/10 {
		t.Errorf("%v, %d bytes", err, len(got))
	}
}

func TestCorrupt(t *testing.T) {
	for name, z := range map[string][]byte{
		"block type":               {0x07},
		"stored length":            {0x01, 1, 0, 0, 0, 9},
		"too many literals":        {0xfd, 0xff, 0xff},
		"lengths of nothing":       {0x05, 0, 0, 0, 0, 0},
		"match before the stream":  {0x03, 0x02, 0, 0},
		"fixed code without sense": {0x1b, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		if got, err := inflate(append(z, make([]byte, 20)...), 1<<20); err != ErrCorrupt {
			t.Errorf("%s: %v, %d bytes", name, err, len(got))
		}
		if got, err := inflate(append(z, make([]byte, 20)...), 1); err != ErrCorrupt {
			t.Errorf("%s, byte by byte: %v, %d bytes", name, err, len(got))
		}
	}
}

func TestMemory(t *testing.T) {
	if n := unsafe.Sizeof(Reader{}); n > Memory || n < Memory/2 {
		t.Errorf("%d bytes, Memory is %d", n, Memory)
	}
}

// FuzzReader: a stream that compress/flate reads to its end gives the same
// bytes, whatever the pieces, and one that it refuses is refused.
func FuzzReader(f *testing.F) {
	for _, raw := range samples() {
		for _, level := range []int{0, 1, 9} {
			f.Add(deflate(f, raw[:min(len(raw), 2000)], level), 30)
		}
	}
	f.Fuzz(func(t *testing.T, z []byte, n int) {
		const most = 1 << 20
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(z)), most))
		got, err := io.ReadAll(io.LimitReader(NewReader(&pieces{data: z, n: max(1, n)}), most))
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%v, compress/flate says %v", err, wantErr)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Fatal("other bytes than compress/flate")
		}
	})
}

func BenchmarkReader(b *testing.B) {
	for _, name := range []string{"noise", "few", "steps", "skewed"} {
		raw := samples()[name]
		z := deflate(b, raw, 6)
		for _, r := range []struct {
			name string
			open func() io.Reader
		}{
			{"ours", func() io.Reader { return NewReader(&pieces{data: z, n: 1 << 30}) }},
			{"standard", func() io.Reader { return flate.NewReader(bytes.NewReader(z)) }},
		} {
			b.Run(name+"/"+r.name, func(b *testing.B) {
				b.SetBytes(int64(len(raw)))
				for range b.N {
					_, _ = io.Copy(io.Discard, r.open())
				}
			})
		}
	}
}
