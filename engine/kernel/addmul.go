package kernel

// AddMul adds products of values: dst[i] += a[i]*b[i], the product and the sum
// each rounded to float32, so that all bodies give the same bits. a and b are
// as long as dst or longer.
func AddMul(dst, a, b []float32) {
	if len(a) < len(dst) || len(b) < len(dst) {
		panic("kernel: AddMul: an operand is too short")
	}
	addMul(dst, a, b)
}

func addMulPortable(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] += float32(a[i] * b[i])
	}
}
