//go:build !linux

package op_test

import "testing"

// guarded is an arena of n int16; this platform has no pages to guard it.
func guarded(t *testing.T, n int, atStart bool) (arena []int16, release func()) {
	return make([]int16, n), func() {}
}
