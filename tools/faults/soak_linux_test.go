package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// soakKinds writes different pictures: JPEG, PNG and WebP of 100 to 2000
// pixels, some damaged, some giant. It returns how many cannot be read.
func soakKinds(t *testing.T, dir string, n int) (paths []string, damaged []bool) {
	t.Helper()
	r := random(6)
	for i := range n {
		side := func() int { return 100 << r.IntN(4) * (100 + r.IntN(100)) / 100 } // up to 1600
		w, h := side(), side()
		var data []byte
		ext := "jpg"
		switch {
		case i%150 == 75: // two workers meet them now and then
			data = smallJPEG(t, 6000, 4000, uint64(i))
		case i%150 == 149:
			data, ext = smallPNG(t, 4000, 4000, uint64(i)), "png"
		case i%3 == 0:
			data = smallJPEG(t, w, h, uint64(i))
		case i%3 == 1:
			data, ext = smallPNG(t, w, h, uint64(i)), "png"
		default: // these are stored without much compression
			data, ext = smallWebP(min(w, 500), min(h, 500), uint64(i)), "webp"
		}
		bad := i%60 == 30
		if bad {
			data = data[:len(data)*2/3]
		}
		path := filepath.Join(dir, fmt.Sprintf("kind%d.%s", i, ext))
		write(t, path, data)
		paths, damaged = append(paths, path), append(damaged, bad)
	}
	return paths, damaged
}

// TestSoak embeds COUNT pictures (10000) and wants the memory of the first
// tenth to be that of the last.
func TestSoak(t *testing.T) {
	if os.Getenv("LIKENESS_SOAK") == "" {
		t.Skip("make soak runs this")
	}
	count := 10_000
	if s := os.Getenv("COUNT"); s != "" {
		var err error
		count, err = strconv.Atoi(s)
		check(t, err)
	}
	dir := t.TempDir()
	photos := filepath.Join(dir, "photos")
	check(t, os.Mkdir(photos, 0o755))
	kinds, damaged := soakKinds(t, dir, 300)
	wantFailed := 0
	r := random(7)
	for i := range count {
		k := r.IntN(len(kinds))
		if damaged[k] {
			wantFailed++
		}
		check(t, os.Link(kinds[k], filepath.Join(photos, fmt.Sprintf("%05d%s", i, filepath.Ext(kinds[k])))))
	}
	out := filepath.Join(dir, "v.npy")
	c := exec.Command(program, "embed", "--model", model(t), "-o", out, photos)
	var samples []int64
	done, watched := make(chan bool), make(chan bool)
	go func() {
		defer close(watched)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if p := c.Process; p != nil {
					if n := resident(p.Pid, "VmRSS"); n > 0 {
						samples = append(samples, n)
					}
				}
			}
		}
	}()
	e := finishWithin(t, c, time.Hour)
	close(done)
	<-watched
	fmt.Printf("\nsecond  MB resident: least  most\n")
	for i := 0; i < len(samples); i += 10 {
		s := samples[i:min(i+10, len(samples))]
		fmt.Printf("%6d  %19d  %4d\n", i/10, slices.Min(s)>>20, slices.Max(s)>>20)
	}
	fmt.Printf("%d pictures in %v, %.0f a second\n", count, e.took.Round(time.Second), float64(count)/e.took.Seconds())
	want := 0
	if wantFailed > 0 {
		want = 1
	}
	if e.status != want {
		t.Errorf("status %d, want %d: %.2000s", e.status, want, e.stderr)
	}
	steady(t, samples)
}

// steady wants what is always taken not to grow after the first tenth. Giants
// come and go: the least of each tenth counts.
func steady(t *testing.T, samples []int64) {
	t.Helper()
	if len(samples) < 100 {
		t.Errorf("only %d samples: take more pictures", len(samples))
		return
	}
	least := make([]int64, 10)
	for i := range least {
		least[i] = slices.Min(samples[len(samples)*i/10 : len(samples)*(i+1)/10])
	}
	fmt.Printf("least of each tenth, MB:")
	for _, n := range least {
		fmt.Printf(" %d", n>>20)
	}
	fmt.Println()
	const slack = 24 << 20 // the collector's, which follows the pictures of the moment
	if early, late := slices.Min(least[1:4]), slices.Min(least[7:]); late > early+slack {
		t.Errorf("memory grows: %d MB after the first tenth, %d MB at the end", early>>20, late>>20)
	}
}
