package index

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkBytes follow each vector where there are lists: its CRC-32C, uint32,
// little-endian, since vectors are then read one by one.
const checkBytes = 4

func checkOf(data []byte) uint32 { return crc32.Checksum(data, castagnoli) }

// lists is what the file of lists holds: for a collection of L lists
//
//	mean    float32[dim]  of the unit vectors
//	spread  uint8[dim]    see estimate
//	start   uint32[L]     the first item of each list; a list ends where the next begins
//	check   uint32[L]     CRC-32C of its codes
//	centre  code[L]
//
// little-endian, without gaps.
type lists struct {
	mean   []float32
	spread []uint8
	start  []uint32 // one more than there are lists: the number of items
	check  []uint32
	centre []byte
}

func listsBytes(m *Manifest) int { return 5*m.Dim + m.Lists*(8+codeBytes(m.Dim)) }

func (l *lists) marshal() []byte {
	var b []byte
	for _, x := range l.mean {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	b = append(b, l.spread...)
	for _, x := range l.start[:len(l.check)] {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	for _, x := range l.check {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return append(b, l.centre...)
}

func readLists(b []byte, m *Manifest) (*lists, error) {
	if len(b) != listsBytes(m) || checkOf(b) != m.Checks[0] {
		return nil, damaged("the file of lists")
	}
	l := &lists{mean: make([]float32, m.Dim), start: make([]uint32, m.Lists+1), check: make([]uint32, m.Lists)}
	next := func() uint32 {
		x := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return x
	}
	for i := range l.mean {
		l.mean[i] = math.Float32frombits(next())
	}
	l.spread, b = b[:m.Dim], b[m.Dim:]
	for i := range m.Lists {
		l.start[i] = next()
	}
	l.start[m.Lists] = uint32(m.Count)
	for i := range l.check {
		l.check[i] = next()
		if l.start[i] > l.start[i+1] {
			return nil, damaged("the file of lists")
		}
	}
	for _, x := range l.spread {
		if x > maxSpread {
			return nil, damaged("the file of lists")
		}
	}
	l.centre = b
	return l, nil
}
