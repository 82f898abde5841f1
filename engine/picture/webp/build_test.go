package webp

import (
	"encoding/binary"
	"io"
	"testing"

	"likeness/engine/picture/raster"
)

// riffChunk is one RIFF chunk, padded.
func riffChunk(name string, body ...[]byte) []byte {
	b := append([]byte(name), 0, 0, 0, 0)
	for _, p := range body {
		b = append(b, p...)
	}
	n := len(b) - 8
	binary.LittleEndian.PutUint32(b[4:], uint32(n))
	return append(b, make([]byte, n&1)...)
}

func riff(chunks ...[]byte) []byte {
	b := []byte("RIFF\x00\x00\x00\x00WEBP")
	for _, c := range chunks {
		b = append(b, c...)
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func put24(v int) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16)} }

func vp8x(flags byte, w, h int) []byte {
	return riffChunk("VP8X", []byte{flags, 0, 0, 0}, put24(w-1), put24(h-1))
}

func anmf(x, y, w, h int, chunks ...[]byte) []byte {
	head := [][]byte{put24(x / 2), put24(y / 2), put24(w - 1), put24(h - 1), {100, 0, 0, 0}}
	return riffChunk("ANMF", append(head, chunks...)...)
}

// bitWriter writes bits, the lowest first.
type bitWriter struct {
	b []byte
	n int
}

func (w *bitWriter) put(v uint32, n int) {
	for i := range n {
		if w.n&7 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n>>3] |= byte(v>>i&1) << (w.n & 7)
		w.n++
	}
}

// encodeVP8L stores pixels as literals of eight bits a channel.
func encodeVP8L(pix []byte, w, h int, alpha bool) []byte {
	bw := &bitWriter{b: vp8lHeader(w, h), n: 40}
	if alpha {
		bw.b[4] |= 1 << 4
	}
	bw.put(0, 1) // no transform
	bw.put(0, 1) // no colour cache
	bw.put(0, 1) // one group of codes
	for c := range 4 {
		literalCode(bw, c == 0)
	}
	bw.put(1, 1) // distances: a simple code
	bw.put(0, 1) // of one symbol
	bw.put(0, 1) // written in one bit
	bw.put(0, 1)
	for i := 0; i < len(pix); i += 4 {
		for _, v := range [4]byte{pix[i+1], pix[i], pix[i+2], pix[i+3]} {
			for k := range 8 {
				bw.put(uint32(v)>>(7-k), 1)
			}
		}
	}
	return bw.b
}

// literalCode writes a code in which the 256 literals have eight bits each,
// and symbols after them, which green has, none.
func literalCode(bw *bitWriter, green bool) {
	bw.put(0, 1)    // not a simple code
	bw.put(12-4, 4) // code lengths 17, 18, 0 to 8 and 16 follow
	for i := range 12 {
		switch i {
		case 11, 2: // lengths 8 and 0
			bw.put(1, 3)
		default:
			bw.put(0, 3)
		}
	}
	if green {
		bw.put(1, 1) // the number of lengths written
		bw.put(3, 3) // in eight bits
		bw.put(256-2, 8)
	} else {
		bw.put(0, 1)
	}
	for range 256 {
		bw.put(1, 1) // 8: the second of two symbols
	}
}

// noise gives n reproducible bytes.
func noise(n int, seed uint32) []byte {
	b := make([]byte, n)
	for i := range b {
		seed = seed*1664525 + 1013904223
		b[i] = byte(seed >> 24)
	}
	return b
}

// read returns all rows.
func read(data []byte) (w, h int, pix []byte, err error) {
	s, err := Open(data, raster.Options{})
	if err != nil {
		return 0, 0, nil, err
	}
	w, h = s.Size()
	pix = make([]byte, 4*w*h)
	for y := range h {
		if err := s.ReadRow(pix[4*w*y:][:4*w]); err != nil {
			return w, h, pix, err
		}
	}
	if err := s.ReadRow(nil); err != io.EOF {
		return w, h, pix, err
	}
	return w, h, pix, nil
}

func mustRead(t *testing.T, data []byte) (w, h int, pix []byte) {
	t.Helper()
	w, h, pix, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	return w, h, pix
}
