package op_test

import (
	"syscall"
	"testing"
	"unsafe"
)

// guarded is an arena of n int16 that touches a page without access: the one
// after it, or the one before if atStart.
func guarded(t *testing.T, n int, atStart bool) (arena []int16, release func()) {
	t.Helper()
	page := syscall.Getpagesize()
	pages := (2*n + page - 1) / page * page
	m, err := syscall.Mmap(-1, 0, pages+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	for _, fence := range [][]byte{m[:page], m[page+pages:]} {
		if err := syscall.Mprotect(fence, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	at := page
	if !atStart {
		at += pages - 2*n
	}
	return unsafe.Slice((*int16)(unsafe.Pointer(&m[at])), n), func() { syscall.Munmap(m) }
}
