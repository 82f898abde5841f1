// Package kernel holds the inner loops of the engine: the only package that
// knows vector instructions. Every routine has a portable body, which is its
// definition, and may have a faster one for the platform; all bodies return the
// same bits. README.md gives the naming rules and derives the arithmetic.
//
// Activations are int16 in one arena, a []int16 of NHWC tensors whose channel
// stride is a multiple of 8. The lanes between the last channel and the stride
// hold anything: weights there are zero. A routine that reads windows takes a
// table of element offsets into the arena, taps for each output row, so that
// stride, dilation, padding and concatenation are the table's business: padding
// taps point at zeros the caller keeps in the arena.
//
// Lengths of outputs, tables and constants are checked and a mismatch panics:
// it is a programmer's error. Values inside offset tables are trusted; verify a
// table once, when it is built, with [CheckOffsets].
package kernel

import "fmt"

// lanes is the number of int16 in a 128-bit vector, the unit of channel strides.
const lanes = 8

// Pad returns n rounded up to the channel stride, a multiple of 8.
func Pad(n int) int { return (n + lanes - 1) &^ (lanes - 1) }

// CheckOffsets reports the first offset whose span elements do not lie within
// an arena of the given length. For [Gemm] span is the number of channels
// rounded up to 2, for the other routines the number rounded up to 8.
func CheckOffsets(offsets []int32, span, arena int) error {
	for i, o := range offsets {
		if o < 0 || int(o) > arena-span {
			return fmt.Errorf("kernel: offset %d at index %d: %d elements do not fit an arena of %d", o, i, span, arena)
		}
	}
	return nil
}

// Name returns the body in use: "portable", "amd64/avx2", "amd64/avx512",
// "arm64/neon" or "wasm/simd128".
func Name() string { return bodyName() }

// checkRows panics unless rows of width elements at the given stride fit n
// elements and the offset table holds taps entries a row.
func checkRows(routine string, n, stride, rows, width, offsets, taps int) {
	switch {
	case rows < 0 || taps <= 0 || width < 0:
		panic("kernel: " + routine + ": negative length")
	case offsets < rows*taps:
		panic("kernel: " + routine + ": offset table too short")
	case rows > 0 && (stride < 0 || (rows-1)*stride+width > n):
		panic("kernel: " + routine + ": output too short")
	case rows > 1 && stride < width:
		panic("kernel: " + routine + ": output rows overlap")
	}
}
