package metadata

import (
	"encoding/binary"
	"errors"
	"math"
)

// fb is a table of a FlatBuffers file. An offset that leads outside the file
// panics with errDamaged, which TFLite turns into an error. Nothing is copied, and
// budget bounds the steps: offsets may lead to the same place again and again.
type fb struct {
	file   []byte
	at     int
	budget *int
}

var errDamaged = errors.New("an offset leads outside it")

func rootOf(data []byte) fb {
	budget := 1 << 20
	t := fb{data, 0, &budget}
	return t.to(0)
}

func (t fb) bytes(at, n int) []byte {
	if *t.budget--; *t.budget < 0 || at < 0 || n < 0 || at > len(t.file) || n > len(t.file)-at {
		panic(errDamaged)
	}
	return t.file[at:][:n]
}

func (t fb) u32(at int) int {
	v := binary.LittleEndian.Uint32(t.bytes(at, 4))
	if v > math.MaxInt32 {
		panic(errDamaged)
	}
	return int(v)
}

// to is the table that the offset at a place leads to.
func (t fb) to(at int) fb { return fb{t.file, at + t.u32(at), t.budget} }

// field is the place of a field, 0 if the table has none.
func (t fb) field(i int) int {
	fields := t.at - int(int32(binary.LittleEndian.Uint32(t.bytes(t.at, 4))))
	if entry := 4 + 2*i; entry+2 <= int(binary.LittleEndian.Uint16(t.bytes(fields, 2))) {
		if o := int(binary.LittleEndian.Uint16(t.bytes(fields+entry, 2))); o != 0 {
			return t.at + o
		}
	}
	return 0
}

func (t fb) table(i int) (fb, bool) {
	if at := t.field(i); at != 0 {
		return t.to(at), true
	}
	return fb{}, false
}

func (t fb) number(i int) int {
	if at := t.field(i); at != 0 {
		return t.u32(at)
	}
	return 0
}

func (t fb) byte(i int) byte {
	if at := t.field(i); at != 0 {
		return t.bytes(at, 1)[0]
	}
	return 0
}

// vector is the bytes of a vector whose elements have size bytes.
func (t fb) vector(i, size int) (at int, data []byte) {
	at = t.field(i)
	if at == 0 {
		return 0, nil
	}
	at += t.u32(at)
	n := t.u32(at)
	if n > len(t.file)/size {
		panic(errDamaged)
	}
	return at + 4, t.bytes(at+4, n*size)
}

func (t fb) string(i int) string {
	_, data := t.vector(i, 1)
	if len(data) > maxString {
		panic(errDamaged)
	}
	return string(data)
}

func (t fb) tables(i int) []fb {
	at, data := t.vector(i, 4)
	var all []fb
	for j := range len(data) / 4 {
		all = append(all, t.to(at+4*j))
	}
	return all
}

func (t fb) floats(i int) []float64 {
	_, data := t.vector(i, 4)
	if len(data) > 4*maxChannels {
		panic(errDamaged)
	}
	var all []float64
	for ; len(data) > 0; data = data[4:] {
		all = append(all, float64(math.Float32frombits(binary.LittleEndian.Uint32(data))))
	}
	return all
}

// maxString bounds the names that are read.
const maxString = 4096

// maxChannels of a normalisation; pictures have 3 or 4.
const maxChannels = 16
