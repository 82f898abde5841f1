package main

import (
	"container/list"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// budget shares a number of bytes among the workers of a run. A worker takes
// what a picture needs, its encoded file included, before it is decoded, and
// waits until that is free; who came first is served first, so a giant gets
// its turn, alone if need be.
type budget struct {
	limit  int64 // bytes for pictures
	memory int64 // of the whole run, as the user gave it

	mu      sync.Mutex
	used    int64
	waiting list.List // of *waiter
}

type waiter struct {
	n     int64
	ready chan struct{}
}

// leastForPictures is the smallest budget that a run is begun with.
const leastForPictures = 16 << 20

// newBudget divides memory bytes: what is in use now, the network and its
// sessions, is taken off, and an eighth of the rest is left to what no picture
// declares. The garbage collector is told to keep to it as well.
func newBudget(memory int64) (*budget, error) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	const step = 16 << 20 // so that messages do not differ from run to run
	inUse := (int64(m.Sys-m.HeapIdle) + step - 1) / step * step
	b := &budget{limit: (memory - inUse) / 8 * 7, memory: memory}
	if b.limit < leastForPictures {
		return nil, fmt.Errorf("--memory %s is too little: the network takes about %s, give at least %s", size(memory), size(inUse), size(inUse+leastForPictures/7*8+step))
	}
	if os.Getenv("GOMEMLIMIT") == "" { // else the user has said otherwise
		debug.SetMemoryLimit(memory)
	}
	return b, nil
}

// tooLarge is a picture that the whole budget does not hold.
type tooLarge struct{ need, limit, memory int64 }

func (e *tooLarge) Error() string {
	return fmt.Sprintf("it takes about %s of memory, more than the %s that --memory %s leaves for pictures: give more with --memory, or make the picture smaller first",
		size(e.need), size(e.limit), size(e.memory))
}

// take waits until n bytes are free and takes them.
func (b *budget) take(ctx context.Context, n int64) error {
	if n > b.limit {
		return &tooLarge{n, b.limit, b.memory}
	}
	b.mu.Lock()
	if b.waiting.Len() == 0 && b.used+n <= b.limit {
		b.used += n
		b.mu.Unlock()
		return nil
	}
	w := &waiter{n, make(chan struct{})}
	at := b.waiting.PushBack(w)
	b.mu.Unlock()
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-w.ready: // at the same moment
		b.used -= n
	default:
		b.waiting.Remove(at)
	}
	b.serve()
	return ctx.Err()
}

// more takes n bytes in addition to what the caller holds, if they are free at
// once: waiting while holding could block all workers for ever.
func (b *budget) more(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+n > b.limit {
		return false
	}
	b.used += n
	return true
}

// give returns n bytes.
func (b *budget) give(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	b.serve()
}

// serve wakes those whose turn it is; b.mu is held.
func (b *budget) serve() {
	for front := b.waiting.Front(); front != nil; front = b.waiting.Front() {
		w := front.Value.(*waiter)
		if b.used+w.n > b.limit {
			return
		}
		b.used += w.n
		b.waiting.Remove(front)
		close(w.ready)
	}
}
