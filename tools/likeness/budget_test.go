package main

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestMemoryFlag(t *testing.T) {
	for s, want := range map[string]int64{"512M": 512 << 20, "4G": 4 << 30, "1.5GiB": 3 << 29, "1000000": 1000000, "64 kb": 64 << 10, "2T": 2 << 40, "7B": 7} {
		var m memoryFlag
		if err := m.Set(s); err != nil || int64(m) != want {
			t.Errorf("%q: %d (%v), want %d", s, m, err, want)
		}
	}
	for _, s := range []string{"", "M", "-1G", "0", "4X", "NaN", "Inf", "1e30G", "4G4"} {
		var m memoryFlag
		if err := m.Set(s); err == nil {
			t.Errorf("%q is %d", s, m)
		}
	}
}

func TestMachineMemory(t *testing.T) {
	if n := defaultMemory(); n < 16<<20 {
		t.Errorf("half of the machine's memory is %d", n)
	}
}

// TestBudget: many takers never hold more than the limit together, and all of
// them get their turn, giants too.
func TestBudget(t *testing.T) {
	b := &budget{limit: 100}
	var held, most atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			n := int64(1 + i*37%100)
			if i%10 == 0 {
				n = 100
			}
			if err := b.take(t.Context(), n); err != nil {
				t.Error(err)
				return
			}
			if now := held.Add(n); now > 100 {
				t.Errorf("%d are held", now)
			} else {
				most.Store(max(most.Load(), now))
			}
			runtime.Gosched()
			if i%3 == 0 && b.more(5) {
				if held.Add(5) > 100 {
					t.Error("more than there is")
				}
				n += 5
			}
			held.Add(-n)
			b.give(n)
		})
	}
	wg.Wait()
	if b.used != 0 || b.waiting.Len() != 0 || most.Load() != 100 {
		t.Errorf("%d used, %d waiting, at most %d", b.used, b.waiting.Len(), most.Load())
	}
	if err := b.take(t.Context(), 101); err == nil || !strings.Contains(err.Error(), "--memory") {
		t.Errorf("more than all: %v", err)
	}
}

// TestBudgetOrder: a giant that waits is not passed by small ones.
func TestBudgetOrder(t *testing.T) {
	b := &budget{limit: 100}
	if err := b.take(t.Context(), 50); err != nil {
		t.Fatal(err)
	}
	order := make(chan string, 2)
	waiting := func(n int) {
		for range 1000 {
			b.mu.Lock()
			have := b.waiting.Len()
			b.mu.Unlock()
			if have == n {
				return
			}
			time.Sleep(time.Millisecond)
		}
		t.Fatalf("%d do not wait", n)
	}
	go func() { b.take(t.Context(), 100); order <- "giant"; b.give(100) }()
	waiting(1)
	go func() { b.take(t.Context(), 1); order <- "small"; b.give(1) }()
	waiting(2)
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- b.take(ctx, 1) }()
	waiting(3)
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	b.give(50)
	if a, b := <-order, <-order; a != "giant" || b != "small" {
		t.Errorf("%s, then %s", a, b)
	}
}

// TestGiants: pictures that together take more than --memory are all read, one
// above it fails alone.
func TestGiants(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	for _, name := range []string{"g1.png", "g2.png", "g3.png"} {
		writeTurned(t, filepath.Join(photos, name), 3000, 1800) // 22 MB to hold and to turn
	}
	writeTurned(t, filepath.Join(photos, "h.png"), 5000, 2500)     // 50 MB
	writePicture(t, filepath.Join(photos, "i.png"), 5000, 2500, 7) // read row by row
	out := filepath.Join(dir, "v.csv")
	memory := size(memoryFor(40 << 20))
	memory = strings.ReplaceAll(strings.ReplaceAll(memory, " ", ""), "iB", "")
	s, status, stderr := embedJSON(t, "--memory", memory, "--model", modelFile, "--format", "csv", "-o", out, photos)
	if status != exitSome || s.Pictures != 7 || s.Failed != 1 || s.Failures[0].Code != "picture-too-large" || !strings.Contains(stderr, "--memory") || !strings.Contains(stderr, "h.png") {
		t.Errorf("--memory %s: status %d, %+v, %s", memory, status, s, stderr)
	}
	if _, err := os.Stat(out); err != nil {
		t.Error(err)
	}
}

// writeTurned writes a PNG whose EXIF turns it by a quarter.
func writeTurned(t *testing.T, path string, w, h int) {
	t.Helper()
	data := writePicture(t, path, w, h, 7)
	body := []byte("eXIfMM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	chunk = binary.BigEndian.AppendUint32(append(chunk, body...), crc32.ChecksumIEEE(body))
	const head = 8 + 25 // signature and IHDR
	writeFile(t, path, slices.Concat(data[:head], chunk, data[head:]))
}

// memoryFor is a --memory that leaves about pictures bytes.
func memoryFor(pictures int64) int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys-m.HeapIdle)>>24<<24 + 16<<20 + pictures/7*8
}
