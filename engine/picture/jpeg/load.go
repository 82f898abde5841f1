//go:build !wasm

package jpeg

import "encoding/binary"

// load64 is the 8 bytes as a number, the first the highest.
func load64(p *[8]byte) uint64 { return binary.BigEndian.Uint64(p[:]) }
