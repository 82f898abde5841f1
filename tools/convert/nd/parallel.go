package nd

import (
	"runtime"

	"likeness/tools/convert/guard"
)

// parallel calls f for pieces of 0..n on all cores. A piece has at least grain
// steps, so that what is small stays in one.
func parallel(n, grain int, f func(from, to int)) {
	pieces := min(runtime.GOMAXPROCS(0), n/max(grain, 1))
	if pieces <= 1 {
		f(0, n)
		return
	}
	var wg guard.Group
	for p := range pieces {
		wg.Go(func() { f(n*p/pieces, n*(p+1)/pieces) })
	}
	wg.Wait()
}
