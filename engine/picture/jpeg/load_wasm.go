package jpeg

import (
	"math/bits"
	"unsafe"
)

// load64 is the 8 bytes as a number, the first the highest. The compiler does
// not join byte loads for WebAssembly.
func load64(p *[8]byte) uint64 { return bits.ReverseBytes64(*(*uint64)(unsafe.Pointer(p))) }
