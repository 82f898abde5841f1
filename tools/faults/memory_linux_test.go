package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// resident is what /proc tells of a process, bytes; 0 once it is gone.
func resident(pid int, field string) (n int64) {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if _, rest, ok := strings.Cut(string(data), field+":"); ok {
		fmt.Sscan(rest, &n)
	}
	return n << 10
}

// peak runs a command and returns the most memory that it had.
func peak(t *testing.T, c *exec.Cmd) (e ended, most int64) {
	t.Helper()
	done := make(chan bool)
	watched := make(chan bool)
	go func() {
		defer close(watched)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				if p := c.Process; p != nil {
					most = max(most, resident(p.Pid, "VmHWM"))
				}
			}
		}
	}()
	e = finish(t, c)
	close(done)
	<-watched
	return e, most
}

// limited is a command under ulimit -v, KiB.
func limited(kib int, args ...string) *exec.Cmd {
	return exec.Command("sh", append([]string{"-c", fmt.Sprintf(`ulimit -v %d; exec "$@"`, kib), "sh", program}, args...)...)
}

// TestHostileFolder: at 4 GB each hostile picture is read or fails alone, and
// the good ones among them have their vectors.
func TestHostileFolder(t *testing.T) {
	needFaults(t)
	p := newPlace(t, 20)
	p.model = model(t)
	want := filepath.Join(p.dir, "want.csv")
	likeness(t, p.embed(want, "csv")...)
	hostile := writeHostile(t, p.photos)
	writeGiantJPEG(t, filepath.Join(p.photos, "giant.jpg"), 16384, 12288)
	writePNG(t, filepath.Join(p.photos, "giant.png"), 16384, 12288, 8, 2, 0, make([]byte, 64*(1+3*16384)), 1+3*16384)
	for _, more := range [][]string{nil, {"--memory", "300M"}} {
		out := filepath.Join(p.dir, "v.csv")
		args := append(p.embed(out, "csv", more...), "--json")
		e, most := peak(t, limited(4_000_000, args...))
		var s struct {
			Pictures, Failed int
			Failures         []struct{ File, Code, Error string }
		}
		if err := json.Unmarshal([]byte(e.stdout), &s); err != nil {
			t.Fatalf("status %d: %v, %q, %s", e.status, err, e.stdout, e.stderr)
		}
		t.Logf("%v: %d of %d hostile pictures failed, each alone; %d MB at most, %v", more, s.Failed, hostile, most>>20, e.took.Round(time.Millisecond))
		for _, f := range s.Failures {
			t.Logf("%s %s: %s", filepath.Base(f.File), f.Code, f.Error)
			if f.Code == "file-unreadable" || f.Error == "" {
				t.Errorf("%s: %s %s", f.File, f.Code, f.Error)
			}
		}
		if e.status != 1 || s.Pictures+s.Failed != 20+hostile+2 {
			t.Errorf("status %d, %d pictures, %d failed", e.status, s.Pictures, s.Failed)
		}
		got := rows(t, out)
		for name, values := range rows(t, want) {
			if got[name] != values {
				t.Errorf("%s has another vector, or none", name)
			}
		}
		for _, name := range []string{"giant.jpg", "giant.png"} {
			if got[filepath.Join(p.photos, name)] == "" {
				t.Errorf("%s has no vector", name)
			}
		}
	}
}

// TestGiants: pictures of hundreds of megapixels are read in parts.
func TestGiants(t *testing.T) {
	needFaults(t)
	for _, c := range []struct {
		name  string
		write func(path string)
		limit int64 // of what is taken beside the file
	}{
		{"201 megapixels.jpg", func(path string) { writeGiantJPEG(t, path, 16384, 12288) }, 100 << 20},
		{"235 megapixels.png", func(path string) {
			// What comes again within 32 KiB is compressed well.
			const w, h, n, period = 16384, 14336, 64, 1024
			m := picture(period, n, 9)
			var rows bytes.Buffer
			for y := range n {
				rows.WriteByte(0)
				for x := range w {
					rows.Write(m.Pix[4*(y*period+x%period):][:3])
				}
			}
			writePNG(t, path, w, h, 8, 2, 0, rows.Bytes(), 1+3*w)
		}, 100 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.name)
			c.write(path)
			info, err := os.Stat(path)
			check(t, err)
			command := exec.Command(program, "embed", "--model", model(t), "--memory", "300M", "--format", "csv", path)
			e, most := peak(t, command)
			t.Logf("%d MB of file; %d MB at most; %v", info.Size()>>20, most>>20, e.took.Round(time.Millisecond))
			if e.status != 0 || strings.Count(e.stdout, "\n") != 2 {
				t.Errorf("status %d: %s", e.status, e.stderr)
			}
			if most == 0 || most > info.Size()+c.limit {
				t.Errorf("%d bytes at most, the file has %d", most, info.Size())
			}
		})
	}
}
