//go:build unix

package faults

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// killed starts a command and kills it after a while; it reports whether the
// command was still at it.
func killed(t *testing.T, after time.Duration, args ...string) bool {
	t.Helper()
	c := quiet(exec.Command(program, args...))
	check(t, c.Start())
	time.Sleep(after)
	c.Process.Kill()
	c.Wait()
	return c.ProcessState.ExitCode() == -1
}

// moment is a random part of took: half of them near the end, where the files
// are put in their places.
func moment(n int, took time.Duration, share float64) time.Duration {
	if n%2 == 0 {
		return time.Duration(share * float64(took))
	}
	return time.Duration((0.75 + 0.35*share) * float64(took))
}

// points is how often each is killed.
const points = 32

// TestKilledEmbed: wherever embed --update is killed, the next run gives the
// bytes of a fresh one, and removes what is left.
func TestKilledEmbed(t *testing.T) {
	needFaults(t)
	p := newPlace(t, 120)
	r := random(2)
	hit := 0
	for i := range points {
		format := formats[i%len(formats)]
		dir := t.TempDir()
		out, fresh := filepath.Join(dir, "v."+format), filepath.Join(t.TempDir(), "fresh."+format)
		took := likeness(t, p.embed(fresh, format)...).took
		if i%3 == 1 { // there is a FILE already, of a part
			likeness(t, "embed", "--model", p.model, "--pool", "flatten", "--format", format, "-o", out, filepath.Join(p.photos, "p003.png"), filepath.Join(p.photos, "p110.png"))
		}
		var more []string
		if i%5 == 4 {
			more = []string{"--by-content"}
		}
		command := p.embed(out, format, append(more, "--update")...)
		if i%3 == 1 && len(more) > 0 {
			command = p.embed(out, format, "--update")
		}
		for range i%2 + 1 {
			if killed(t, moment(i, took, r.Float64()), command...) {
				hit++
			}
		}
		if e := likeness(t, command...); e.status != 0 {
			t.Fatalf("point %d: %s", i, e.stderr)
		}
		if !bytes.Equal(read(t, out), read(t, fresh)) {
			t.Errorf("point %d: %s differs from a fresh run", i, out)
		}
		if len(more) == 0 {
			same(t, out, fresh, format)
		}
		if left := without(names(t, dir), bases(files(out, format))...); len(left) > 0 {
			t.Errorf("point %d: left behind: %q", i, left)
		}
	}
	t.Logf("%d kills met the command at work", hit)
	if hit < points/2 {
		t.Error("that proves little")
	}
}

// TestKilledConvert: a model is there whole, or as it was before.
func TestKilledConvert(t *testing.T) {
	needFaults(t)
	p := newPlace(t, 60) // enough for the conversion to last longer than a start
	r := random(3)
	args := []string{"convert", p.net, "--preset", "tf", "--layer", "r", "--calibrate", p.photos, "-o"}
	fresh := filepath.Join(p.dir, "fresh.safetensors")
	took := likeness(t, append(args, fresh)...).took
	want := read(t, fresh)
	hit := 0
	for i := range points {
		dir := t.TempDir()
		out := filepath.Join(dir, "m.safetensors")
		old := i%2 == 1
		if old {
			write(t, out, read(t, p.model))
		}
		if killed(t, moment(i/2, took, r.Float64()), append(args, out)...) {
			hit++
		}
		now, err := os.ReadFile(out)
		if old && err != nil || err == nil && !bytes.Equal(now, want) && !(old && bytes.Equal(now, read(t, p.model))) {
			t.Errorf("point %d: half a model: %d bytes, %v", i, len(now), err)
		}
		if e := likeness(t, append(args, out)...); e.status != 0 || !bytes.Equal(read(t, out), want) {
			t.Errorf("point %d: %s", i, e.stderr)
		}
		if left := names(t, dir); len(left) != 1 {
			t.Errorf("point %d: there are %q", i, left)
		}
	}
	t.Logf("%d kills met the command at work", hit)
	if hit < points/3 {
		t.Error("that proves little")
	}
}

// TestClosedPipe: a reader that goes away after any number of bytes ends the
// command quietly.
func TestClosedPipe(t *testing.T) {
	needFaults(t)
	p := newPlace(t, 40)
	r := random(4)
	temp := t.TempDir()
	for i := range 24 {
		format := formats[i%len(formats)]
		c := exec.Command(program, "embed", "--model", p.model, "--pool", "flatten", "--format", format, p.photos)
		c.Env = append(os.Environ(), "TMPDIR="+temp)
		reader, writer, err := os.Pipe()
		check(t, err)
		c.Stdout = writer
		n := r.IntN(200_000)
		go func() {
			buffer := make([]byte, 1+r.IntN(5000))
			for got := 0; got < n; {
				k, err := reader.Read(buffer[:min(len(buffer), n-got)])
				if got += k; err != nil {
					break
				}
			}
			reader.Close()
		}()
		go func() { time.Sleep(50 * time.Millisecond); writer.Close() }()
		e := finish(t, c)
		if e.status != 141 && e.status != 0 || e.status == 141 && e.stderr != "" {
			t.Errorf("%s, after %d bytes: status %d: %s", format, n, e.status, e.stderr)
		}
		noTemps(t, temp)
	}
}

// TestTwoWriters: two runs that write one FILE leave that of one of them, with
// the FILE.json that belongs to it.
func TestTwoWriters(t *testing.T) {
	needFaults(t)
	p := newPlace(t, 30)
	other := filepath.Join(p.dir, "other")
	check(t, os.Mkdir(other, 0o755))
	for i := range 20 {
		write(t, filepath.Join(other, fmt.Sprintf("q%d.png", i)), smallPNG(t, 9, 9, uint64(1000+i)))
	}
	q := p
	q.photos = other
	for i := range 24 {
		format := formats[i%len(formats)]
		dir := t.TempDir()
		out := filepath.Join(dir, "v."+format)
		a, b := exec.Command(program, p.embed(out, format)...), exec.Command(program, q.embed(out, format)...)
		var stderr [2]bytes.Buffer
		a.Stderr, b.Stderr = &stderr[0], &stderr[1]
		check(t, a.Start())
		check(t, b.Start())
		errA, errB := a.Wait(), b.Wait()
		if errA != nil || errB != nil {
			t.Fatalf("round %d: %v, %s; %v, %s", i, errA, &stderr[0], errB, &stderr[1])
		}
		// --update refuses files that do not go together.
		if e := likeness(t, p.embed(out, format, "--update")...); e.status != 0 {
			t.Errorf("round %d: %s", i, e.stderr)
		}
		if left := without(names(t, dir), bases(files(out, format))...); len(left) > 0 {
			t.Errorf("round %d: left behind: %q", i, left)
		}
	}
}

// TestTwoUpdates: of two runs that update one FILE, one is refused with a
// line, or they come one after the other.
func TestTwoUpdates(t *testing.T) {
	needFaults(t)
	p := newPlace(t, 60)
	refused := 0
	for i := range 12 {
		format := formats[i%len(formats)]
		dir := t.TempDir()
		out, fresh := filepath.Join(dir, "v."+format), filepath.Join(t.TempDir(), "fresh."+format)
		likeness(t, p.embed(fresh, format)...)
		ends := make(chan ended, 2)
		for range 2 {
			go func() { ends <- likeness(t, p.embed(out, format, "--update")...) }()
		}
		for range 2 {
			if e := <-ends; e.status != 0 {
				refused++
				e.oneLine(t, 2, out, "another process")
			}
		}
		same(t, out, fresh, format)
		if left := without(names(t, dir), bases(files(out, format))...); len(left) > 0 {
			t.Errorf("round %d: left behind: %q", i, left)
		}
	}
	t.Logf("%d of 24 were refused", refused)
}

func bases(paths []string) (all []string) {
	for _, p := range paths {
		all = append(all, filepath.Base(p))
	}
	return all
}
