// Package samples turns the coefficients of JPEG blocks into samples and
// samples into pixels: inverse transforms, upsampling and colour conversion.
// Each routine has a portable body, which is its definition, and may have a
// faster one for the platform; all return the same bits for any input.
//
// Lengths are checked and a mismatch panics: it is a programmer's error.
package samples

// Block is the coefficients of a block in rows of 8, the low frequencies first.
type Block = [64]int16

// Quant is the quantisation table of a block in the same order.
type Quant = [64]uint16

// clamp is the nearest value of a byte.
func clamp(v int32) uint8 {
	if uint32(v) > 255 {
		return uint8(^(v >> 31))
	}
	return uint8(v)
}

// Mean is the one sample that stands for a block whose DC term is dc: the mean
// of its 64 samples. The dequantised term is kept in 16 bits.
func Mean(dc int16, quant uint16) uint8 {
	return clamp((int32(dc*int16(quant))+4)>>3 + 128)
}
