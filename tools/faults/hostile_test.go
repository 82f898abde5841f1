//go:build unix

package faults

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"testing"
)

// progressive is a JPEG of three components of w x h whose scans say that all
// blocks of a band are empty.
func progressive(w, h int, scans [][4]byte) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0}
	for range 64 {
		b = append(b, 1)
	}
	b = append(b, 0xff, 0xc2, 0, 17, 8, byte(h>>8), byte(h), byte(w>>8), byte(w), 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)
	// Codes of one bit: DC size 0, AC a run of up to 32767 empty blocks.
	for _, table := range [][2]byte{{0x00, 0}, {0x10, 0xe0}} {
		b = append(b, 0xff, 0xc4, 0, 20, table[0], 1)
		b = append(b, make([]byte, 15)...)
		b = append(b, table[1])
	}
	blocks := ((w + 7) / 8) * ((h + 7) / 8)
	for _, s := range scans {
		b = append(b, 0xff, 0xda, 0, 8, 1, s[0], 0, s[1], s[2], s[3])
		var bits bitsMSB
		if s[1] == 0 {
			for range blocks {
				bits.put(0, 1)
			}
		} else {
			for left := blocks; left > 0; left -= 32767 {
				bits.put(1<<14-1, 15)
			}
		}
		b = append(b, bits.end()...)
	}
	return append(b, 0xff, 0xd9)
}

// bitsMSB is an entropy-coded segment.
type bitsMSB struct {
	b   []byte
	acc uint32
	n   int
}

func (s *bitsMSB) put(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		s.acc = s.acc<<1 | v>>i&1
		if s.n++; s.n == 8 {
			if s.b = append(s.b, byte(s.acc)); byte(s.acc) == 0xff {
				s.b = append(s.b, 0)
			}
			s.n = 0
		}
	}
}

func (s *bitsMSB) end() []byte {
	for s.n != 0 {
		s.put(1, 1)
	}
	return s.b
}

// manyScans is each coefficient of a component in a scan of its own.
func manyScans(n int) (scans [][4]byte) {
	for c := range 3 {
		scans = append(scans, [4]byte{byte(c + 1), 0, 0, 0})
	}
	for i := range n - 3 {
		k := byte(i%63 + 1)
		scans = append(scans, [4]byte{byte(i/63 + 1), k, k, 0})
	}
	return scans
}

// gifHead is a GIF of one black pixel on a large screen.
func gifHead(w, h, frameW, frameH int, code ...byte) []byte {
	le := binary.LittleEndian.AppendUint16
	b := le(le([]byte("GIF89a"), uint16(w)), uint16(h))
	b = append(b, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, ',', 0, 0, 0, 0)
	b = append(le(le(b, uint16(frameW)), uint16(frameH)), 0, 2)
	return append(append(append(b, byte(len(code))), code...), 0, ';')
}

func bmpHead(w, h int, bits, compression byte, data ...byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("BM"), uint32(54+1024+len(data)))
	b = le.AppendUint32(append(b, 0, 0, 0, 0), 54+1024)
	b = le.AppendUint32(b, 40)
	b = le.AppendUint32(le.AppendUint32(b, uint32(w)), uint32(h))
	b = append(b, 1, 0, bits, 0, compression, 0, 0, 0)
	b = le.AppendUint32(b, uint32(len(data)))
	b = append(b, make([]byte, 16+1024)...)
	return append(b, data...)
}

// tiffHead is one strip of RGB, compressed by zlib.
func tiffHead(w, h int, strip []byte) []byte {
	le := binary.LittleEndian
	entries := [][3]uint32{{256, 4, uint32(w)}, {257, 4, uint32(h)}, {258, 3, 8}, {259, 3, 8}, {262, 3, 1}, {273, 4, 8},
		{277, 3, 1}, {278, 4, uint32(h)}, {279, 4, uint32(len(strip))}}
	b := le.AppendUint32([]byte("II*\x00"), uint32(8+len(strip)))
	b = append(b, strip...)
	b = le.AppendUint16(b, uint16(len(entries)))
	for _, e := range entries {
		b = le.AppendUint16(le.AppendUint16(b, uint16(e[0])), uint16(e[1]))
		b = le.AppendUint32(le.AppendUint32(b, 1), e[2])
	}
	return append(b, 0, 0, 0, 0)
}

// writeHostile fills dir with pictures that ask for more than they are worth,
// and returns how many there are.
func writeHostile(t *testing.T, dir string) (n int) {
	t.Helper()
	put := func(name string, data []byte) {
		write(t, filepath.Join(dir, name), data)
		n++
	}
	bands := [][4]byte{{1, 1, 63, 0}, {2, 1, 63, 0}, {3, 1, 63, 0}}
	whole := progressive(10900, 10900, append([][4]byte{{1, 0, 0, 0}, {2, 0, 0, 0}, {3, 0, 0, 0}}, bands...))
	for i := range 4 { // together more than a run may have
		put(fmt.Sprintf("whole%d.jpg", i), whole)
	}
	put("bands.jpg", progressive(10900, 10900, bands))
	put("scans100.jpg", progressive(5000, 4000, manyScans(100)))
	put("scans189.jpg", progressive(800, 600, manyScans(189)))
	put("huge.jpg", progressive(65500, 65500, bands))
	zeros := make([]byte, 1<<20)
	png := func(name string, w, h int, depth, colour, interlace byte, rowLen int) {
		rows := zeros[:max(1, len(zeros)/rowLen)*rowLen]
		writePNG(t, filepath.Join(dir, name), w, len(rows)/rowLen*(h*rowLen/len(rows)), depth, colour, interlace, rows, rowLen)
		n++
	}
	png("deep.png", 16000, 8000, 16, 6, 0, 1+8*16000)
	png("interlaced.png", 16000, 15000, 8, 0, 1, 1+16000)
	png("tall.png", 1, 1<<20, 1, 0, 0, 2)
	png("wide.png", 1<<19, 40, 1, 0, 0, 1+1<<16)
	cut := smallPNG(t, 10, 10, 1)
	binary.BigEndian.PutUint32(cut[16:], 1<<31-1)
	binary.BigEndian.PutUint32(cut[20:], 1<<31-1)
	put("lie.png", cut)
	put("screen.gif", gifHead(65535, 65535, 1, 1, 0x44, 0x01))
	put("frame.gif", gifHead(65535, 65535, 65535, 65535, 0x44, 0x01))
	put("frames.gif", manyFrames(3000))
	put("rle.bmp", bmpHead(40000, 40000, 8, 1, 0, 1))
	put("rle_small.bmp", bmpHead(8000, 8000, 8, 1, 0, 1))
	put("lie.bmp", bmpHead(1<<31-1, 1<<31-1, 24, 0))
	put("strip.tif", tiffHead(30000, 30000, repeated(t, zeros, 30000*30000/len(zeros))))
	put("lie.tif", tiffHead(1<<31-1, 1<<31-1, []byte{0}))
	put("literal.webp", hugeWebP(16384, 16384))
	return n
}

// manyFrames is an animated GIF whose frames all cover its screen.
func manyFrames(n int) []byte {
	one := gifHead(2000, 2000, 2000, 2000, 0x44, 0x01)
	head, frame := one[:19], one[19:len(one)-1]
	return append(append(bytes.Clone(head), bytes.Repeat(frame, n)...), ';')
}
