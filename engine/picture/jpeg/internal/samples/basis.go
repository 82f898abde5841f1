//go:build !nosimd && (wasm || (amd64 && goexperiment.simd))

package samples

// basis[k][j] is what coefficient k of a line adds to its value j. The
// transform is linear and its sums wrap, so vector bodies may multiply by the
// whole matrix and get the same bits.
var basis = func() (m [8][8]int16) {
	for k := range m {
		var unit [8]int32
		unit[k] = 1
		line(&unit, 0)
		for j, v := range unit {
			m[k][j] = int16(v)
		}
	}
	return m
}()
