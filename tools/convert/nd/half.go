package nd

import "math"

// Half widens an IEEE 754 half-precision number.
func Half(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	exp, frac := uint32(h>>10&31), uint32(h&1023)
	switch exp {
	case 0: // zero or subnormal: frac * 2^-24, exact
		v := float32(frac) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | frac<<13)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

// ToHalf rounds to half precision, ties to even; what is too large becomes
// infinite.
func ToHalf(v float32) uint16 {
	bits := math.Float32bits(v)
	sign := uint16(bits >> 16 & 0x8000)
	a := math.Float32frombits(bits &^ (1 << 31))
	switch {
	case a != a:
		return sign | 0x7e00
	case a >= 65520: // halfway to the first value out of range
		return sign | 0x7c00
	case a < 1.0/(1<<14): // subnormal: whole steps of 2^-24; 1024 of them are the first normal
		return sign | uint16(math.RoundToEven(float64(a)*(1<<24)))
	}
	b := math.Float32bits(a)
	b += 0xfff + b>>13&1 // carries into the exponent where it must
	return sign | uint16(b>>13-112<<10)
}

// BFloat widens a bfloat16, the upper half of a float32.
func BFloat(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }

// ToBFloat rounds to bfloat16, ties to even.
func ToBFloat(v float32) uint16 {
	b := math.Float32bits(v)
	if v != v {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}
