package nd

// Wrap reduces an integer to what its type holds, modulo its width, as casts
// and overflowing sums do. A Bool is 0 or 1. A Uint64 keeps its bits.
func Wrap(t Type, v int64) int64 {
	switch t {
	case Int8:
		return int64(int8(v))
	case Int16:
		return int64(int16(v))
	case Int32:
		return int64(int32(v))
	case Uint8:
		return int64(uint8(v))
	case Uint16:
		return int64(uint16(v))
	case Uint32:
		return int64(uint32(v))
	case Bool:
		if v != 0 {
			return 1
		}
	}
	return v
}
