package jpeg

import "bytes"

// indexMarker returns the index of the second byte of the first marker at or
// after from, or -1. FF 00 is data and FF FF is a fill byte before a marker.
func indexMarker(data []byte, from int) int {
	for from < len(data) {
		i := bytes.IndexByte(data[from:], 0xFF)
		if i < 0 {
			return -1
		}
		from += i + 1
		for from < len(data) && data[from] == 0xFF {
			from++
		}
		if from < len(data) && data[from] != 0 {
			return from
		}
	}
	return -1
}

// unstuff copies entropy-coded data from src to dst without the zero bytes that
// follow FF (T.81 B.1.1.5) until dst is full or src is at a marker or its end.
// It returns how many bytes it wrote and read; marker says that src[read:]
// begins with a marker, that nothing but an FF is left, or that it is empty.
func unstuff(dst, src []byte) (wrote, read int, marker bool) {
	for wrote < len(dst) {
		window := src[read:]
		if len(window) > len(dst)-wrote {
			window = window[:len(dst)-wrote]
		}
		i := bytes.IndexByte(window, 0xFF)
		if i < 0 {
			i = len(window)
		}
		copy(dst[wrote:], window[:i])
		wrote += i
		read += i
		switch {
		case read == len(src):
			return wrote, read, true
		case src[read] != 0xFF:
			continue // dst is full
		case wrote == len(dst):
			continue
		case read+1 == len(src) || src[read+1] != 0:
			return wrote, read, true
		}
		dst[wrote] = 0xFF
		wrote++
		read += 2
	}
	return wrote, read, false
}
