//go:build unix

package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain is also the command itself, for tests that end it.
func TestMain(m *testing.M) {
	if os.Getenv("LIKENESS_TEST_COMMAND") != "" {
		os.Unsetenv("LIKENESS_TEST_COMMAND")
		main()
	}
	os.Exit(m.Run())
}

// process is a running command.
type process struct {
	*exec.Cmd
	stderr bytes.Buffer
	done   chan error
	temp   string // folder for temporary files
}

func start(t *testing.T, stdin io.Reader, stdout io.Writer, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0], args...), done: make(chan error, 1), temp: t.TempDir()}
	p.Env = append(os.Environ(), "LIKENESS_TEST_COMMAND=1", "TMPDIR="+p.temp)
	p.Stdin, p.Stdout, p.Stderr = stdin, stdout, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.Wait() }()
	t.Cleanup(func() { p.Process.Kill() })
	return p
}

// end waits for the command and returns its exit status.
func (p *process) end(t *testing.T, patience time.Duration) int {
	t.Helper()
	select {
	case err := <-p.done:
		var e *exec.ExitError
		switch {
		case err == nil:
			return 0
		case errors.As(err, &e):
			return e.ExitCode()
		}
		t.Fatal(err)
	case <-time.After(patience):
		t.Fatalf("it has not ended after %v: %v; %s", patience, p.Args[1:], p.stderr.String())
	}
	return 0
}

// until waits for something to be so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for range 3000 {
		if so() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s never happens", what)
}

// writeSlow writes a black PNG of side x side pixels: a small file that takes
// long to decode.
func writeSlow(t *testing.T, path string, side int) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		binary.Write(&b, binary.BigEndian, uint32(len(data)))
		body := append([]byte(kind), data...)
		b.Write(body)
		binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(side))
	head = binary.BigEndian.AppendUint32(head, uint32(side))
	chunk("IHDR", append(head, 16, 6, 0, 0, 0)) // 16-bit RGBA
	var z bytes.Buffer
	w, _ := zlib.NewWriterLevel(&z, zlib.BestSpeed)
	row := make([]byte, 1+8*side)
	for range side {
		w.Write(row)
	}
	w.Close()
	chunk("IDAT", z.Bytes())
	chunk("IEND", nil)
	writeFile(t, path, b.Bytes())
}

func temps(t *testing.T, dirs ...string) (found []string) {
	t.Helper()
	for _, dir := range dirs {
		for _, pattern := range []string{".*", "likeness*"} {
			names, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, names...)
		}
	}
	return found
}

// TestSignals: each ends each command within a second, whatever it is at, with
// the status that shells know, and nothing is left behind.
func TestSignals(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	slow, fifo := filepath.Join(photos, "slow.png"), filepath.Join(dir, "fifo")
	writeSlow(t, slow, 6000)
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "v.npy")
	for _, c := range []struct {
		name   string
		signal syscall.Signal
		args   []string
		begun  bool // a temporary file tells that it has begun
	}{
		{"embed", syscall.SIGINT, []string{"embed", "--model", modelFile, "-o", out, slow}, true},
		{"embed to standard output", syscall.SIGTERM, []string{"embed", "--model", modelFile, slow}, true},
		{"embed without a terminal", syscall.SIGHUP, []string{"embed", "--model", modelFile, "-o", out, photos}, true},
		{"a list that does not end", syscall.SIGINT, []string{"embed", "--model", modelFile, "-o", out, "--files-from", fifo}, false},
		{"bench", syscall.SIGINT, []string{"bench", "--model", modelFile, "--runs", "100000000"}, false},
		{"eval", syscall.SIGINT, []string{"eval", "--model", modelFile, dir}, false},
		{"convert", syscall.SIGTERM, []string{"convert", writeNetwork(t, dir), "-o", filepath.Join(dir, "net.safetensors"), "--preset", "torch", "--check", photos}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, nil, io.Discard, c.args...)
			if c.begun {
				until(t, "a temporary file", func() bool {
					info, err := os.Stat(filepath.Join(dir, "net.safetensors"))
					return len(temps(t, dir, p.temp)) > 0 || err == nil && info.Size() > 0
				})
			}
			pause := 150 * time.Millisecond
			if !c.begun { // nothing tells that the program has started: machines may be busy
				pause = 800 * time.Millisecond
			}
			time.Sleep(pause)
			if err := p.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			at := time.Now()
			if status := p.end(t, 10*time.Second); status != 128+int(c.signal) {
				t.Errorf("status %d: %s", status, p.stderr.String())
			}
			if took := time.Since(at); took > time.Second {
				t.Errorf("it took %v to end", took)
			}
			if !strings.Contains(p.stderr.String(), "interrupted") {
				t.Errorf("it says %q", p.stderr.String())
			}
			if left := temps(t, dir, p.temp); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("half an output is there")
			}
		})
	}
}

// writeNetwork writes a TensorFlow.js folder of one convolution.
func writeNetwork(t *testing.T, dir string) string {
	t.Helper()
	net := filepath.Join(dir, "net")
	mkdir(t, net)
	writeFile(t, filepath.Join(net, "model.json"), []byte(`{"modelTopology":{"node":[`+
		`{"name":"x","op":"Placeholder","attr":{"shape":{"shape":{"dim":[{"size":"-1"},{"size":"8"},{"size":"8"},{"size":"3"}]}}}},`+
		`{"name":"k","op":"Const"},`+
		`{"name":"c","op":"Conv2D","input":["x","k"],"attr":{"strides":{"list":{"i":["1","1","1","1"]}},"padding":{"s":"U0FNRQ=="}}},`+
		`{"name":"r","op":"Relu","input":["c"]}]},`+
		`"weightsManifest":[{"paths":["w.bin"],"weights":[{"name":"k","shape":[1,1,3,2],"dtype":"float32"}]}]}`))
	weights := make([]byte, 0, 24)
	for _, b := range []uint32{0x3f800000, 0x3f000000, 0xbf800000, 0x3f800000, 0x3e800000, 0x3f800000} {
		weights = binary.LittleEndian.AppendUint32(weights, b)
	}
	writeFile(t, filepath.Join(net, "w.bin"), weights)
	return net
}

// TestKilled: whenever a run with --update is killed, the next goes on from
// there, and the result is that of a run that was not.
func TestKilled(t *testing.T) {
	c := newCollection(t, "csv")
	for i := range 20 {
		writeSlow(t, filepath.Join(c.photos, "s"+string(rune('a'+i))+".png"), 500+i)
	}
	kept := int64(0)
	for round := range 4 {
		p := start(t, nil, io.Discard, append([]string{"embed"}, c.command(c.out, "--update")...)...)
		select {
		case <-time.After(time.Duration(100+40*round) * time.Millisecond):
		case err := <-p.done:
			p.done <- err
		}
		p.Process.Kill()
		p.end(t, 10*time.Second)
		if info, err := os.Stat(c.out + ".partial"); err == nil {
			if info.Size() < kept {
				t.Errorf("the journal has shrunk from %d to %d bytes", kept, info.Size())
			}
			kept = info.Size()
		}
	}
	s, _, stderr := embedJSON(t, c.command(c.out, "--update")...)
	if s.Pictures != 23 {
		t.Errorf("%+v, %s", s, stderr)
	}
	t.Logf("%d of 23 pictures were done before", s.Update.Continued+s.Update.Kept)
	c.fresh()
	if left := temps(t, c.dir); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// TestTwoWriters: a second run that updates the same file is refused.
func TestTwoWriters(t *testing.T) {
	c := newCollection(t, "npy")
	writeSlow(t, filepath.Join(c.photos, "slow.png"), 3000)
	p := start(t, nil, io.Discard, append([]string{"embed"}, c.command(c.out, "--update")...)...)
	until(t, "a journal", func() bool { info, err := os.Stat(c.out + ".partial"); return err == nil && info.Size() > 0 })
	status, _, stderr := likeness(t, append([]string{"embed"}, c.command(c.out, "--update")...)...)
	if status != exitFatal || !strings.Contains(stderr, "another process") {
		t.Errorf("status %d: %s", status, stderr)
	}
	if status := p.end(t, time.Minute); status != 0 {
		t.Errorf("the first: status %d: %s", status, p.stderr.String())
	}
}

// TestClosedPipe: likeness ... | head ends quietly.
func TestClosedPipe(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	for _, args := range [][]string{
		{"embed", "--model", modelFile, "--format", "csv", "--pool", "flatten", photos},
		{"embed", "--model", modelFile, photos},
		{"inspect", modelFile},
		{"inspect", "--json", modelFile},
		{"pull"},
		{"version"},
		{"--help"},
	} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		p := start(t, nil, w, args...)
		w.Close()
		if status := p.end(t, 20*time.Second); status != exitClosedPipe && status != 0 {
			t.Errorf("%q: status %d", args, status)
		}
		if s := p.stderr.String(); strings.Contains(s, "pipe") || strings.Contains(s, "cannot") {
			t.Errorf("%q: %s", args, s)
		}
		if left := temps(t, dir, p.temp); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
	}
}

// TestPipesAreRefused: nothing waits for a pipe, whichever command is given it.
func TestPipesAreRefused(t *testing.T) {
	dir, modelFile, photos := fixture(t)
	fifo := filepath.Join(dir, "fifo.onnx")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	net := writeNetwork(t, dir)
	os.Remove(filepath.Join(net, "w.bin"))
	if err := os.Link(fifo, filepath.Join(net, "w.bin")); err != nil {
		t.Skip(err)
	}
	if err := os.Link(fifo, filepath.Join(photos, "pipe.png")); err != nil {
		t.Skip(err)
	}
	tflite := filepath.Join(dir, "fifo.tflite")
	if err := os.Link(fifo, tflite); err != nil {
		t.Skip(err)
	}
	for _, args := range [][]string{
		{"embed", "--model", modelFile, fifo},
		{"embed", "--model", fifo, photos},
		{"inspect", fifo},
		{"convert", fifo, "-o", filepath.Join(dir, "n.safetensors")},
		{"convert", tflite, "-o", filepath.Join(dir, "n.safetensors")},
		{"convert", net, "-o", filepath.Join(dir, "n.safetensors")},
		{"pull", "--dir", dir, "vgg16", "--file", fifo},
		{"embed", "--model", modelFile, "/dev/zero"},
		{"inspect", "/dev/zero"},
	} {
		p := start(t, nil, io.Discard, args...)
		if status := p.end(t, 20*time.Second); status != exitFatal {
			t.Errorf("%q: status %d", args, status)
		}
		if s := p.stderr.String(); !strings.Contains(s, "pipe") && !strings.Contains(s, "device") {
			t.Errorf("%q: %s", args, s)
		}
	}
	// In folders they are passed over.
	for _, args := range [][]string{
		{"embed", "--model", modelFile, "-o", filepath.Join(dir, "v.npy"), photos},
	} {
		if status := start(t, nil, io.Discard, args...).end(t, 20*time.Second); status != exitOK {
			t.Errorf("%q: status %d", args, status)
		}
	}
}
