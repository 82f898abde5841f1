package float

import (
	"runtime"
	"sync"
)

// cores is how many work on one thing. Tests set it.
var cores = func() int { return runtime.GOMAXPROCS(0) }

// divide calls work for parts of 0..n that together are all of it, on several
// cores if each gets least or more. Parts begin at multiples of 4, so that tiles
// of kernel.MulAdd stay whole, and must not depend on each other, so that
// results do not depend on their number. part is below cores().
func divide(n, least int, work func(part, from, to int)) {
	parts := min(cores(), n/max(least, 1))
	if parts < 2 {
		work(0, 0, n)
		return
	}
	var wait sync.WaitGroup
	for p := range parts {
		from, to := n*p/parts&^3, n*(p+1)/parts&^3
		if p == parts-1 {
			to = n
		}
		wait.Go(func() { work(p, from, to) })
	}
	wait.Wait()
}

// share calls work for each of n things, on at most so many cores.
func share(n, most int, work func(part, i int)) {
	parts := min(cores(), n, most)
	if parts < 2 {
		for i := range n {
			work(0, i)
		}
		return
	}
	var wait sync.WaitGroup
	for p := range parts {
		wait.Go(func() {
			for i := p; i < n; i += parts {
				work(p, i)
			}
		})
	}
	wait.Wait()
}
