// Package parallel shares work out over the cores. A call must write only what
// is its own, so that the result is the same for any number of cores.
package parallel

import (
	"runtime"
	"sync/atomic"

	"likeness/tools/convert/guard"
)

// Each calls f for 0 to n-1 on all cores.
func Each(n int, f func(i int)) { AtMost(n, n, f) }

// AtMost is Each with so many calls at a time, and one at least.
func AtMost(most, n int, f func(i int)) {
	var wg guard.Group
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), max(most, 1), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
}
