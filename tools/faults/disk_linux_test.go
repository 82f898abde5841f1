package faults

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a folder of so many bytes, where the user may mount one.
func smallDisk(t *testing.T, bytes int) string {
	t.Helper()
	needFaults(t)
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	dir := filepath.Join(t.TempDir(), "disk")
	check(t, os.Mkdir(dir, 0o755))
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { check(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

// fill leaves free pages of the disk, and returns what makes room again.
func fill(t *testing.T, disk string, free int) (room func()) {
	t.Helper()
	var s syscall.Statfs_t
	check(t, syscall.Statfs(disk, &s))
	path := filepath.Join(disk, "filler")
	if n := int64(s.Bavail) - int64(free); n > 0 {
		write(t, path, make([]byte, n*s.Bsize))
	}
	return func() { check(t, os.RemoveAll(path)) }
}

// fullness are numbers of free pages: none, and enough for ever more of what a
// run writes.
var fullness = []int{0, 1, 2, 3, 4, 5, 6, 8, 11, 15, 21, 30, 42, 60, 100, 160}

// TestFullDisk: wherever the disk becomes full, there is one clear error,
// nothing half is left, what was there before stays, and once there is room
// the same command gives what it always gives.
func TestFullDisk(t *testing.T) {
	disk := smallDisk(t, 1<<20)
	p := newPlace(t, 25)
	for _, format := range formats {
		for _, update := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, --update %v", format, update), func(t *testing.T) {
				fresh := filepath.Join(t.TempDir(), "fresh."+format)
				likeness(t, p.embed(fresh, format)...)
				for _, old := range []bool{false, true} {
					failed := 0
					for _, free := range fullness {
						if !fillAndEmbed(t, p, disk, fresh, format, update, old, free) {
							failed++
						}
					}
					if failed < 3 || failed == len(fullness) {
						t.Errorf("%d of %d failed: it proves little", failed, len(fullness))
					}
				}
			})
		}
	}
}

// fillAndEmbed reports whether the run was done although there were few pages.
func fillAndEmbed(t *testing.T, p place, disk, fresh, format string, update, old bool, free int) (done bool) {
	t.Helper()
	out := filepath.Join(disk, "v."+format)
	before := map[string][]byte{}
	if old {
		likeness(t, p.embed(out, format, filepath.Join(p.photos, "p007.png"))...) // in another order
		for _, f := range files(out, format) {
			before[f] = read(t, f)
		}
	}
	room := fill(t, disk, free)
	var more []string
	if update {
		more = []string{"--update"}
	}
	e := likeness(t, p.embed(out, format, more...)...)
	if done = e.status == 0; done {
		same(t, out, fresh, format)
	} else {
		e.oneLine(t, 2, out, "no space left")
		for _, f := range files(out, format) {
			if now, err := os.ReadFile(f); old && !bytes.Equal(now, before[f]) || !old && err == nil {
				t.Errorf("%d pages free: %s is not what it was", free, f)
			}
		}
	}
	noTemps(t, disk)
	room()
	if e := likeness(t, p.embed(out, format, more...)...); e.status != 0 {
		t.Errorf("%d pages free, then room: %s", free, e.stderr)
	}
	same(t, out, fresh, format)
	left := without(names(t, disk), bases(files(out, format))...)
	if len(left) > 0 {
		t.Errorf("%d pages free: left behind: %q", free, left)
	}
	for _, f := range files(out, format) {
		check(t, os.Remove(f))
	}
	return done
}

// TestFullDiskConvert: the same of convert.
func TestFullDiskConvert(t *testing.T) {
	disk := smallDisk(t, 1<<18)
	p := newPlace(t, 0)
	fresh, out := read(t, p.model), filepath.Join(disk, "m.safetensors")
	command := []string{"convert", p.net, "-o", out, "--preset", "tf", "--layer", "r"}
	for _, free := range []int{0, 1, 2, 3} {
		room := fill(t, disk, free)
		e := likeness(t, command...)
		if e.status != 0 {
			e.oneLine(t, 2, out, "no space left", "-o")
			if _, err := os.Stat(out); err == nil {
				t.Errorf("%d pages free: half a model", free)
			}
		}
		noTemps(t, disk)
		room()
		if e := likeness(t, command...); e.status != 0 || !bytes.Equal(read(t, out), fresh) {
			t.Errorf("%d pages free, then room: %s", free, e.stderr)
		}
		check(t, os.Remove(out))
	}
}

// TestFullStandardOutput: what is printed into a full disk is not called done.
func TestFullStandardOutput(t *testing.T) {
	needFaults(t)
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	p := newPlace(t, 5)
	csv := filepath.Join(p.dir, "v.csv")
	for _, args := range [][]string{
		{"embed", "--model", p.model, "--format", "csv", p.photos},
		{"embed", "--model", p.model, "--format", "csv", "-o", csv, "--json", p.photos},
		{"convert", p.net, "-o", filepath.Join(p.dir, "x.safetensors"), "--json"},
		{"convert", p.net, "-o", filepath.Join(p.dir, "y.safetensors")},
		{"convert", "--operators"},
		{"inspect", p.model},
		{"inspect", "--json", p.model},
		{"bench", "--model", p.model, "--runs", "2"},
		{"pull"},
		{"version"},
		{"--help"},
		{"embed", "--help"},
	} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		check(t, err)
		c := exec.Command(program, args...)
		c.Stdout = full
		e := finish(t, c)
		full.Close()
		if e.status != 2 || !strings.Contains(e.stderr, "no space left") {
			t.Errorf("%q: status %d: %s", args, e.status, e.stderr)
		}
	}
}

// TestFullTemporaryFolder: .npy for a pipe is kept there meanwhile.
func TestFullTemporaryFolder(t *testing.T) {
	disk := smallDisk(t, 1<<18)
	p := newPlace(t, 60)
	for _, free := range []int{0, 1, 20} {
		room := fill(t, disk, free)
		c := exec.Command(program, "embed", "--model", p.model, "--pool", "flatten", p.photos)
		c.Env = append(os.Environ(), "TMPDIR="+disk)
		e := finish(t, c)
		e.oneLine(t, 2, disk, "no space left")
		if e.stdout != "" {
			t.Errorf("%d bytes of a failed run on standard output", len(e.stdout))
		}
		noTemps(t, disk)
		room()
	}
}
