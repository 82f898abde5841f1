package bmp

import "testing"

// Run-length data, whole, short and odd, as Chromium shows it.
func TestRunLength(t *testing.T) {
	for _, r := range []struct {
		name string
		bits int
		body []byte
		want []uint32
	}{
		{"runs", 8, []byte{4, 1, 0, 0, 4, 2, 0, 0, 4, 3, 0, 1}, cs(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1)},
		{"plain pixels", 8, []byte{0, 4, 1, 2, 3, 4, 0, 0, 0, 3, 5, 6, 7, 0, 1, 8, 0, 0, 4, 9, 0, 1}, cs(9, 9, 9, 9, 5, 6, 7, 8, 1, 2, 3, 4)},
		{"early end", 8, []byte{4, 1, 0, 0, 2, 2, 0, 1}, cs(-1, -1, -1, -1, 2, 2, -1, -1, 1, 1, 1, 1)},
		{"early end of line", 8, []byte{1, 1, 0, 0, 0, 0, 3, 3, 0, 1}, cs(3, 3, 3, -1, -1, -1, -1, -1, 1, -1, -1, -1)},
		{"delta", 8, []byte{1, 1, 0, 2, 1, 1, 2, 2, 0, 2, 0, 1, 9, 3, 0, 1}, cs(-1, -1, -1, -1, -1, -1, 2, 2, 1, -1, -1, -1)},
		{"delta over a row", 8, []byte{1, 1, 0, 2, 1, 2, 1, 2, 0, 1}, cs(-1, -1, 2, -1, -1, -1, -1, -1, 1, -1, -1, -1)},
		{"delta within a row", 8, []byte{1, 1, 0, 2, 2, 0, 1, 2, 0, 1}, cs(-1, -1, -1, -1, -1, -1, -1, -1, 1, -1, -1, 2)},
		{"delta beyond the edge", 8, []byte{1, 1, 0, 2, 99, 0, 1, 2, 0, 0, 4, 3, 0, 1}, cs(-1, -1, -1, -1, 3, 3, 3, 3, 1, -1, -1, -1)},
		{"delta beyond the top", 8, []byte{1, 1, 0, 2, 0, 9, 1, 2}, cs(-1, -1, -1, -1, -1, -1, -1, -1, 1, -1, -1, -1)},
		{"runs beyond the edge", 8, []byte{9, 1, 3, 2, 0, 0, 4, 2, 0, 0, 0, 6, 1, 2, 3, 4, 5, 6, 0, 1}, cs(1, 2, 3, 4, 2, 2, 2, 2, 1, 1, 1, 1)},
		{"rows too many", 8, []byte{4, 1, 0, 0, 4, 2, 0, 0, 4, 3, 0, 0, 4, 4, 0, 0}, cs(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1)},
		{"no end", 8, []byte{4, 1, 0, 0, 4, 2, 0, 0, 4, 3}, cs(3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1)},
		{"cut", 8, []byte{0, 0, 4, 1, 0, 0, 3, 1}, nil},
		{"end of last line", 8, []byte{4, 1, 0, 0, 4, 2, 0, 0, 1, 3, 0, 0}, cs(3, -1, -1, -1, 2, 2, 2, 2, 1, 1, 1, 1)},
		{"index beyond the palette", 8, []byte{4, 1, 0, 0, 4, 200, 0, 0, 4, 3, 0, 1}, cs(3, 3, 3, 3, -1, -1, -1, -1, 1, 1, 1, 1)},
		{"4 bits", 4, []byte{4, 0x12, 0, 0, 3, 0x34, 0, 0, 0, 4, 0x56, 0x78, 0, 1}, cs(5, 6, 7, 8, 3, 4, 3, -1, 1, 2, 1, 2)},
		{"4 bits, odd", 4, []byte{0, 3, 0x12, 0x30, 1, 0x40, 0, 0, 0, 5, 0x56, 0x78, 0x90, 0, 0, 1}, cs(-1, -1, -1, -1, 5, 6, 7, 8, 1, 2, 3, 4)},
		{"24 bits", 24, []byte{4, 1, 2, 3, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 9, 9, 9, 0, 1},
			append(cs(-1, -1, -1, -1), 0x030201ff, 0x060504ff, 0x090807ff, 0x090909ff, 0x030201ff, 0x030201ff, 0x030201ff, 0x030201ff)},
	} {
		f := file{size: os2Header, w: 4, h: 3, bits: r.bits, colours: 16, palette: colours(16, 4), body: r.body}
		f.compression = map[int]int{8: rle8, 4: rle4, 24: embeddedJPEG}[r.bits]
		t.Run(r.name, func(t *testing.T) {
			if r.want == nil {
				wantError(t, f.encode(), cut)
				return
			}
			wantPixels(t, f.encode(), r.want...)
			if r.bits < 24 {
				f.size, f.h = infoHeader, -3
				wantPixels(t, f.encode(), append(append(append([]uint32(nil), r.want[8:]...), r.want[4:8]...), r.want[:4]...)...)
			}
		})
	}
}

// The last stretch of plain pixels may lack its padding.
func TestRunLengthWithoutLastPadding(t *testing.T) {
	f := file{size: 40, w: 3, h: 1, bits: 8, compression: rle8, colours: 16, palette: colours(16, 4), body: []byte{0, 3, 1, 2, 3}}
	wantPixels(t, f.encode(), cs(1, 2, 3)...)
}
