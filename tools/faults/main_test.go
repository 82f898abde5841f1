//go:build unix

package faults

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is the command: that of LIKENESS_BIN, copied to where any user may
// run it.
var program string

func TestMain(m *testing.M) {
	from := os.Getenv("LIKENESS_BIN")
	if from == "" || os.Getenv("LIKENESS_FAULTS") == "" && os.Getenv("LIKENESS_SOAK") == "" {
		fmt.Println("skipped: make test-faults and make soak run these")
		return
	}
	os.Exit(run(m, from))
}

func run(m *testing.M, from string) int {
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	program = filepath.Join(dir, "likeness")
	if err == nil {
		err = os.WriteFile(program, data, 0o755)
	}
	if err != nil {
		panic(err)
	}
	return m.Run()
}

// needFaults skips what belongs to make test-faults.
func needFaults(t *testing.T) {
	t.Helper()
	if os.Getenv("LIKENESS_FAULTS") == "" {
		t.Skip("make test-faults runs this")
	}
}

// random is the same in every run of a test; the seed tells tests apart.
func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 16)) }

// ended is how a command ended.
type ended struct {
	status         int // -1: killed
	stdout, stderr string
	took           time.Duration
}

// likeness runs the command to its end, and fails if that does not come or it
// panics.
func likeness(t *testing.T, args ...string) ended {
	t.Helper()
	return finish(t, exec.Command(program, args...))
}

// patience is more than any command here takes.
const patience = 2 * time.Minute

func finish(t *testing.T, c *exec.Cmd) ended {
	t.Helper()
	return finishWithin(t, c, patience)
}

func finishWithin(t *testing.T, c *exec.Cmd, patience time.Duration) ended {
	t.Helper()
	var out, stderr bytes.Buffer
	if c.Stdout == nil {
		c.Stdout = &out
	}
	c.Stderr = &stderr
	c.WaitDelay = 5 * time.Second
	start := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { c.Process.Signal(syscall.SIGQUIT) })
	err := c.Wait()
	if !late.Stop() {
		t.Fatalf("%q has not ended after %v: %.20000s", c.Args[1:], patience, stderr.String())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatal(err)
	}
	e := ended{c.ProcessState.ExitCode(), out.String(), stderr.String(), time.Since(start)}
	for _, bad := range []string{"panic:", "goroutine ", "fatal error:", "SIGSEGV"} {
		if strings.Contains(e.stderr, bad) {
			t.Errorf("%q: %.3000s", c.Args[1:], e.stderr)
		}
	}
	return e
}

// oneLine checks that a command ended with status and one line that holds all
// of want.
func (e ended) oneLine(t *testing.T, status int, want ...string) {
	t.Helper()
	if e.status != status || strings.Count(e.stderr, "\n") != 1 {
		t.Errorf("status %d, want %d and one line: %s", e.status, status, e.stderr)
	}
	for _, w := range want {
		if !strings.Contains(e.stderr, w) {
			t.Errorf("%q is missing in %s", w, e.stderr)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	check(t, err)
	return data
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	check(t, os.WriteFile(path, data, 0o644))
}

// writeNetwork writes a TensorFlow.js folder of one convolution of 8 x 8 x 3
// to 8 x 8 x 16.
func writeNetwork(t *testing.T, dir string) string {
	t.Helper()
	net := filepath.Join(dir, "net")
	check(t, os.Mkdir(net, 0o755))
	const channels = 16
	write(t, filepath.Join(net, "model.json"), fmt.Appendf(nil, `{"modelTopology":{"node":[`+
		`{"name":"x","op":"Placeholder","attr":{"shape":{"shape":{"dim":[{"size":"-1"},{"size":"8"},{"size":"8"},{"size":"3"}]}}}},`+
		`{"name":"k","op":"Const"},`+
		`{"name":"c","op":"Conv2D","input":["x","k"],"attr":{"strides":{"list":{"i":["1","1","1","1"]}},"padding":{"s":"U0FNRQ=="}}},`+
		`{"name":"r","op":"Relu","input":["c"]}]},`+
		`"weightsManifest":[{"paths":["w.bin"],"weights":[{"name":"k","shape":[3,3,3,%d],"dtype":"float32"}]}]}`, channels))
	r := random(1)
	var weights []byte
	for range 3 * 3 * 3 * channels {
		weights, _ = binary.Append(weights, binary.LittleEndian, r.Float32()-0.5)
	}
	write(t, filepath.Join(net, "w.bin"), weights)
	return net
}

// place is a folder with a network, a model and a folder of n pictures.
type place struct {
	dir, net, model, photos string
}

func newPlace(t *testing.T, n int) place {
	t.Helper()
	dir := t.TempDir()
	p := place{dir, writeNetwork(t, dir), filepath.Join(dir, "model.safetensors"), filepath.Join(dir, "photos")}
	if e := likeness(t, "convert", p.net, "-o", p.model, "--preset", "tf", "--layer", "r"); e.status != 0 {
		t.Fatal(e.stderr)
	}
	check(t, os.Mkdir(p.photos, 0o755))
	for i := range n {
		write(t, filepath.Join(p.photos, fmt.Sprintf("p%03d.png", i)), smallPNG(t, 20+i%7, 30-i%11, uint64(i)))
	}
	return p
}

// model is the project's own, for what a network of real size has to do.
func model(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs("../../models/likeness_v1.safetensors")
	check(t, err)
	return path
}

// embed is a command line; the pictures follow more.
func (p place) embed(out, format string, more ...string) []string {
	args := append([]string{"embed", "--model", p.model, "--pool", "flatten", "--format", format, "-o", out}, more...)
	return append(args, p.photos)
}

// files are the names of what one run of embed leaves.
func files(out, format string) []string {
	if format == "tsv" {
		return []string{out, out + ".json", strings.TrimSuffix(out, ".tsv") + ".metadata.tsv"}
	}
	return []string{out, out + ".json"}
}

// same compares what two runs have left.
func same(t *testing.T, a, b, format string) {
	t.Helper()
	x, y := files(a, format), files(b, format)
	for i := range x {
		if !bytes.Equal(read(t, x[i]), read(t, y[i])) {
			t.Errorf("%s differs from %s of a fresh run", x[i], y[i])
		}
	}
}

// names lists a folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// noTemps checks that no temporary file is left in dir.
func noTemps(t *testing.T, dir string) {
	t.Helper()
	for _, name := range names(t, dir) {
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".tmp") {
			t.Errorf("%s is left behind in %s", name, dir)
		}
	}
}

var formats = []string{"npy", "csv", "jsonl", "tsv"}

// quiet drops what a command prints.
func quiet(c *exec.Cmd) *exec.Cmd {
	c.Stdout, c.Stderr = io.Discard, io.Discard
	return c
}

// without lists all but some.
func without(all []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}
