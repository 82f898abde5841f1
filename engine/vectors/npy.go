package vectors

import (
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"
)

const (
	npyMagic = "\x93NUMPY\x01\x00"
	// NPYHeaderLen is the length of every header written here, whatever the
	// shape, so that one can replace another.
	NPYHeaderLen = 128
)

// NPYHeader returns the start of an .npy file of n x dim little-endian float32
// in C order. Specification: NEP 1, format 1.0.
func NPYHeader(n, dim int) []byte {
	b := append([]byte(npyMagic), byte(NPYHeaderLen-10), 0)
	b = append(b, "{'descr': '<f4', 'fortran_order': False, 'shape': ("...)
	b = append(strconv.AppendInt(b, int64(n), 10), ", "...)
	b = append(strconv.AppendInt(b, int64(dim), 10), "), }"...)
	for len(b) < NPYHeaderLen-1 {
		b = append(b, ' ')
	}
	return append(b, '\n')
}

// ReadNPY reads a file as NPYHeader describes it, or as NumPy writes a
// two-dimensional float32 array in formats 1.0 to 3.0.
func ReadNPY(data []byte) (values []float32, n, dim int, err error) {
	n, dim, start, err := npyShape(data)
	if err != nil {
		return nil, 0, 0, err
	}
	body := data[start:]
	count := len(body) / 4
	if len(body)%4 != 0 || (dim > 0 && (count/dim != n || count%dim != 0)) || (dim == 0 && count != 0) {
		return nil, 0, 0, errors.New("npy: " + strconv.Itoa(len(body)) + " bytes of values do not make (" + strconv.Itoa(n) + ", " + strconv.Itoa(dim) + "): the file is cut off or damaged")
	}
	values = make([]float32, count)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[4*i:]))
	}
	return values, n, dim, nil
}

// npyShape reads the header: the shape, and where the values start.
func npyShape(data []byte) (n, dim, start int, err error) {
	header, start, err := npyHeader(data)
	if err != nil {
		return 0, 0, 0, err
	}
	if !strings.Contains(header, "'descr': '<f4'") || !strings.Contains(header, "'fortran_order': False") {
		return 0, 0, 0, errors.New("npy: only little-endian float32 in C order is read")
	}
	_, shape, ok := strings.Cut(header, "'shape': (")
	shape, _, closed := strings.Cut(shape, ")")
	first, second, two := strings.Cut(shape, ",")
	n, errN := strconv.Atoi(strings.TrimSpace(first))
	dim, errDim := strconv.Atoi(strings.TrimSpace(second))
	if !ok || !closed || !two || errN != nil || errDim != nil || n < 0 || dim < 0 {
		return 0, 0, 0, errors.New("npy: the shape is not (n, dim)")
	}
	return n, dim, start, nil
}

// npyHeader returns the header's text and where the values start.
func npyHeader(data []byte) (header string, end int, err error) {
	if len(data) < 10 || string(data[:6]) != npyMagic[:6] {
		return "", 0, errors.New("npy: not an .npy file")
	}
	start, size := 10, int64(binary.LittleEndian.Uint16(data[8:]))
	if data[6] > 1 {
		if len(data) < 12 {
			return "", 0, errors.New("npy: the header is cut off")
		}
		start, size = 12, int64(binary.LittleEndian.Uint32(data[8:]))
	}
	if size > int64(len(data)-start) {
		return "", 0, errors.New("npy: the header is cut off")
	}
	end = start + int(size)
	return string(data[start:end]), end, nil
}
