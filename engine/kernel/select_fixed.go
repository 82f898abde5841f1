//go:build nosimd || !amd64 || !goexperiment.simd

package kernel

// Bodies lists the bodies that this processor can run: one, chosen when
// compiling.
func Bodies() []string { return []string{Name()} }

// Use is for tests that hold one body against the other; there is no other.
func Use(string) (back func()) { return func() {} }
