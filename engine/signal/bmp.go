package signal

import "encoding/binary"

// BMP is the picture as a file of 8 bits a pixel, the greys in its palette: the
// one form that needs no compression to be written.
func (g *Gray) BMP() []byte {
	const head = 14 + 40 + 4*256
	row := (g.W + 3) &^ 3
	size := head + row*g.H
	b := make([]byte, head, size)
	copy(b, "BM")
	le := binary.LittleEndian
	le.PutUint32(b[2:], uint32(size))
	le.PutUint32(b[10:], head)
	le.PutUint32(b[14:], 40)
	le.PutUint32(b[18:], uint32(g.W))
	le.PutUint32(b[22:], uint32(g.H))
	le.PutUint16(b[26:], 1) // planes
	le.PutUint16(b[28:], 8) // bits
	le.PutUint32(b[34:], uint32(row*g.H))
	le.PutUint32(b[46:], 256) // colours
	for i := range 256 {
		le.PutUint32(b[54+4*i:], uint32(i)*0x010101)
	}
	for y := g.H - 1; y >= 0; y-- {
		b = append(b, g.Pix[y*g.W:][:g.W]...)
		b = append(b, make([]byte, row-g.W)...)
	}
	return b
}
