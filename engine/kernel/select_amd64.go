//go:build goexperiment.simd && amd64 && !nosimd

package kernel

// Bodies lists the bodies that this processor can run, the fastest first.
func Bodies() (names []string) {
	defer func(b bodyKind) { body = b }(body)
	for b := detect(); b >= portable; b-- {
		body = b
		names = append(names, bodyName())
	}
	return names
}

// Use puts a body of [Bodies] in place, for tests that hold one against the
// other, and returns what puts the former back. What one body packed no other
// may run, and nothing may run meanwhile.
func Use(name string) (back func()) {
	before := body
	for body = avx512; body > portable && bodyName() != name; body-- {
	}
	return func() { body = before }
}
