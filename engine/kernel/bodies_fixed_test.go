//go:build nosimd || !amd64 || !goexperiment.simd

package kernel

import "testing"

// One body, chosen when compiling.

func bodies() []string { return []string{Name()} }

func use(t testing.TB, name string) {}
