//go:build goexperiment.simd && (wasm || amd64 || arm64) && !nosimd

package kernel

import (
	"sync"
	"unsafe"
)

const (
	mulRows = 4 // of one tile
	// narrowest is the number of columns from which panels are copied: rows of
	// a power of two columns would all lie in a few lines of the first cache.
	narrowest = 64
)

// panels are reused, so that training allocates nothing by the step.
var panels = sync.Pool{New: func() any { return new([]float32) }}

// mulAddTiles divides a product into tiles of mulRows rows and wide columns, or
// 8, or 4, for which tile is called with pointers to the first value of each
// operand, and their steps in values. MulAdd has proved that all of them lie
// within the operands. Rows that fill no tile are left to the portable body.
func mulAddTiles(dst []float32, a Matrix, b []float32, rows, depth, cols, wide int,
	tile func(dst *float32, cols int, a *float32, row, step int, b *float32, across, depth, width int)) {
	whole := rows / mulRows * mulRows
	for c := 0; c < cols && whole > 0; {
		width := wide
		for width > cols-c {
			width /= 2
		}
		from, across := unsafe.SliceData(b[c:]), cols
		var panel *[]float32
		if cols >= narrowest && whole > mulRows {
			panel = panels.Get().(*[]float32)
			*panel = packPanel((*panel)[:0], b[c:], depth, cols, width)
			from, across = unsafe.SliceData(*panel), width
		}
		for r := 0; r < whole; r += mulRows {
			tile(unsafe.SliceData(dst[r*cols+c:]), cols, unsafe.SliceData(a.Values[r*a.Row:]), a.Row, a.Depth, from, across, depth, width)
		}
		if panel != nil {
			panels.Put(panel)
		}
		c += width
	}
	if whole < rows {
		a.Values = a.Values[whole*a.Row:]
		mulAddPortable(dst[whole*cols:], a, b, rows-whole, depth, cols)
	}
}

// packPanel appends the first width columns of b, [depth][cols].
func packPanel(panel, b []float32, depth, cols, width int) []float32 {
	for k := range depth {
		panel = append(panel, b[k*cols:][:width]...)
	}
	return panel
}

// at is the value n places after p.
func at(p *float32, n int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(p), uintptr(n)*unsafe.Sizeof(*p)))
}
