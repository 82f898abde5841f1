package learn

import (
	"runtime"
	"sync"
)

// workers is how many cores work on one thing. Tests set it.
var workers = func() int { return runtime.GOMAXPROCS(0) }

// divide calls work for parts of 0..n that together are all of it, on several
// cores if each gets least or more. Parts must not depend on each other, so
// that results do not depend on their number.
func divide(n, least int, work func(from, to int)) {
	parts := min(workers(), n/max(least, 1))
	if parts < 2 {
		work(0, n)
		return
	}
	var wait sync.WaitGroup
	for p := range parts {
		// Of fours, so that tiles of kernel.MulAdd stay whole.
		from, to := n*p/parts&^3, n*(p+1)/parts&^3
		if p == parts-1 {
			to = n
		}
		wait.Go(func() { work(from, to) })
	}
	wait.Wait()
}
