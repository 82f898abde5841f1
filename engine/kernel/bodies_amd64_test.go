//go:build goexperiment.simd && amd64 && !nosimd

package kernel

import "testing"

// bodies returns every body this processor can run.
func bodies() (names []string) {
	defer func(b bodyKind) { body = b }(body)
	for b := detect(); b >= portable; b-- {
		body = b
		names = append(names, bodyName())
	}
	return names
}

// use puts a body in place for the rest of the test.
func use(t testing.TB, name string) {
	before := body
	t.Cleanup(func() { body = before })
	for body = avx512; body > portable && bodyName() != name; body-- {
	}
}
