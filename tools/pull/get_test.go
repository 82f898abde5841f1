package pull

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	flatbuffers "github.com/google/flatbuffers/go"

	"likeness/engine/model"
	"likeness/tools/convert"
	"likeness/tools/convert/quantise"
)

// tinyModel is a TensorFlow Lite file: an 8 x 8 picture through a ReLU.
func tinyModel() string {
	b := flatbuffers.NewBuilder(256)
	ints := func(v ...int32) flatbuffers.UOffsetT {
		b.StartVector(4, len(v), 4)
		for i := len(v) - 1; i >= 0; i-- {
			b.PrependInt32(v[i])
		}
		return b.EndVector(len(v))
	}
	object := func(fields ...any) flatbuffers.UOffsetT {
		b.StartObject(len(fields))
		for i, f := range fields {
			switch v := f.(type) {
			case flatbuffers.UOffsetT:
				b.PrependUOffsetTSlot(i, v, 0)
			case int8:
				b.PrependInt8Slot(i, v, v+1)
			case int32:
				b.PrependInt32Slot(i, v, v+1)
			}
		}
		return b.EndObject()
	}
	list := func(v ...flatbuffers.UOffsetT) flatbuffers.UOffsetT {
		b.StartVector(4, len(v), 4)
		for i := len(v) - 1; i >= 0; i-- {
			b.PrependUOffsetT(v[i])
		}
		return b.EndVector(len(v))
	}
	tensor := func(name string) flatbuffers.UOffsetT {
		return object(ints(1, 8, 8, 3), int8(0), int32(0), b.CreateString(name))
	}
	tensors := list(tensor("in"), tensor("relu"))
	op := object(int32(0), ints(0), ints(1))
	graph := object(tensors, ints(0), ints(1), list(op))
	root := object(int32(3), list(object(int8(19), nil, nil, int32(19))), list(graph), nil, list(object()))
	b.FinishWithFileIdentifier(root, []byte("TFL3"))
	return string(b.FinishedBytes())
}

func entry(name, content string, sources ...Source) Entry {
	sum := sha256.Sum256([]byte(content))
	return Entry{Name: name, Title: "Tiny", Format: "tflite", SHA256: hex.EncodeToString(sum[:]), License: "CC0-1.0",
		Preset: "tf", Size: 8, DefaultLayer: "relu", Sources: sources}
}

func serve(t *testing.T, body []byte) *httptest.Server {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) }))
	t.Cleanup(srv.Close)
	return srv
}

// TestOrder tries sources in order, says what it tries, and then keeps what it
// has.
func TestOrder(t *testing.T) {
	t.Setenv("LIKENESS_MODELS", "")
	content := tinyModel()
	good := serve(t, tgz(t, "m.tflite", content))
	damaged := serve(t, tgz(t, "m.tflite", content[:20]))
	e := entry("tiny", content, Source{Kind: "dir", File: "m.tflite"},
		Source{Kind: "https", URL: damaged.URL, File: "m.tflite"}, Source{Kind: "https", URL: good.URL, File: "m.tflite"})
	dir := t.TempDir()
	var log []string
	var done, total int64
	opt := Options{Dir: dir, Log: func(s string) { log = append(log, s) }, Progress: func(d, n int64) { done, total = d, n }}
	r, err := get(context.Background(), &e, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Fresh || r.Source != good.URL || done == 0 || done != total {
		t.Errorf("%+v, %d of %d bytes", r, done, total)
	}
	text := strings.Join(log, "\n")
	for _, want := range []string{"LIKENESS_MODELS is not set", "changed or damaged", good.URL} {
		if !strings.Contains(text, want) {
			t.Errorf("the log does not say %q:\n%s", want, text)
		}
	}
	if r, err = get(context.Background(), &e, opt); err != nil || r.Fresh {
		t.Errorf("again: %+v %v", r, err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 2 {
		t.Errorf("left %q, want the model and its licence", files)
	}
}

// TestSameModelFromAnySource: vectors name their model's hash, so the file
// must not depend on where it was had from.
func TestSameModelFromAnySource(t *testing.T) {
	content := tinyModel()
	local := t.TempDir()
	if err := os.WriteFile(filepath.Join(local, "m.tflite"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LIKENESS_MODELS", local)
	srv := serve(t, tgz(t, "m.tflite", content))
	dir, https := Source{Kind: "dir", File: "m.tflite"}, Source{Kind: "https", URL: srv.URL, File: "m.tflite"}
	var hashes []string
	for _, sources := range [][]Source{{dir, https}, {Source{Kind: "dir", File: "absent"}, https}} {
		e := entry("tiny", content, sources...)
		r, err := get(context.Background(), &e, Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(r.File)
		if err != nil {
			t.Fatal(err)
		}
		f, err := model.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, f.Hash)
		if strings.Contains(f.Source, "LIKENESS_MODELS") {
			t.Errorf("the file's source is %q", f.Source)
		}
	}
	if hashes[0] != hashes[1] {
		t.Errorf("two sources give two models: %q", hashes)
	}
}

// TestAllSourcesFail names every source and its reason, and leaves nothing.
func TestAllSourcesFail(t *testing.T) {
	t.Setenv("LIKENESS_MODELS", "")
	dir := t.TempDir()
	e := entry("tiny", "x", Source{Kind: "dir", File: "m"}, Source{Kind: "https", URL: "http://127.0.0.1:1/m.tgz", File: "m"})
	_, err := get(context.Background(), &e, Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "LIKENESS_MODELS") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left %v", files)
	}
}

// TestUnconvertible: bytes that match their hash but are no network.
func TestUnconvertible(t *testing.T) {
	local := t.TempDir()
	if err := os.WriteFile(filepath.Join(local, "m"), []byte("not a network"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LIKENESS_MODELS", local)
	dir := t.TempDir()
	e := entry("tiny", "not a network", Source{Kind: "dir", File: "m"})
	if _, err := get(context.Background(), &e, Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "TensorFlow Lite") {
		t.Errorf("%v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("left %v", files)
	}
}

// fakeNPM puts a script named npm first in PATH; it copies archive to the
// folder after --pack-destination.
func fakeNPM(t *testing.T, archive []byte, body string) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "a.tgz"), archive, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\n" + strings.ReplaceAll(body, "$ARCHIVE", filepath.Join(bin, "a.tgz"))
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
}

const copies = `while [ "$1" != --pack-destination ]; do shift; done
cp $ARCHIVE "$2/pkg-1.0.0.tgz"
`

func TestNPM(t *testing.T) {
	archive := tgz(t, "package/m.bin", "0123456789")
	sum := sha512.Sum512(archive)
	pinned := "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
	s := Source{Kind: "npm", Package: "pkg", Version: "1.0.0", Integrity: pinned, File: "package/m.bin", Range: [2]int64{2, 6}}
	fakeNPM(t, archive, copies)
	if got, err := s.fetch(context.Background(), &Entry{}, nil); err != nil || string(got[0].data) != "2345" {
		t.Errorf("%q %v", got, err)
	}
	s.Integrity = "sha512-AAAA"
	if _, err := s.fetch(context.Background(), &Entry{}, nil); err == nil || !strings.Contains(err.Error(), "integrity") {
		t.Errorf("wrong integrity: %v", err)
	}
	fakeNPM(t, archive, "echo E404 no such package >&2; exit 1")
	if _, err := s.fetch(context.Background(), &Entry{}, nil); err == nil || !strings.Contains(err.Error(), "E404 no such package") {
		t.Errorf("npm fails: %v", err)
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := s.fetch(context.Background(), &Entry{}, nil); err == nil || !strings.Contains(err.Error(), "install Node") {
		t.Errorf("no npm: %v", err)
	}
}

// TestStalled: a server that falls silent in the middle is given up.
func TestStalled(t *testing.T) {
	old := patience
	patience = 200 * time.Millisecond
	defer func() { patience = old }()
	hold := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Write([]byte("begun"))
		w.(http.Flusher).Flush()
		<-hold
	}))
	defer srv.Close()
	defer close(hold)
	start := time.Now()
	_, err := Source{Kind: "https", URL: srv.URL, File: "m"}.fetch(context.Background(), &Entry{}, nil)
	if err == nil || !strings.Contains(err.Error(), "silent") || time.Since(start) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

// TestCancelled: an interrupt ends everything, no further source is tried.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var log bytes.Buffer
	_, err := Get(ctx, "mobilenet_v2_oid", Options{Dir: t.TempDir(), Log: func(s string) { fmt.Fprintln(&log, s) }})
	if !errors.Is(err, context.Canceled) || strings.Contains(log.String(), "npm") {
		t.Errorf("%v\n%s", err, &log)
	}
}

// TestCatalog checks that what the catalog offers by itself is pinned, and that
// the rest says so.
func TestCatalog(t *testing.T) {
	entries, err := Catalog()
	if err != nil || len(entries) < 2 || entries[0].Name != "mobilenet_v2" || entries[1].Name != "mobilenet_v2_oid" {
		t.Fatalf("%v %v", entries, err)
	}
	hash, integrity := regexp.MustCompile(`^[0-9a-f]{64}$`), regexp.MustCompile(`^sha512-[A-Za-z0-9+/]{86}==$`)
	names := map[string]bool{}
	for _, e := range entries {
		pinned := hash.MatchString(e.SHA256)
		if !pinned && (e.SHA256 != "" || e.StatedSHA256 != "" && !hash.MatchString(e.StatedSHA256)) || pinned && e.StatedSHA256 != "" {
			t.Errorf("%s: hashes %q and %q", e.Name, e.SHA256, e.StatedSHA256)
		}
		if e.License == "" || e.Title == "" || e.Size < 1 || len(e.Sources) == 0 || names[e.Name] {
			t.Errorf("%s is incomplete: %+v", e.Name, e)
		}
		names[e.Name] = true
		if _, err := e.options(); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		for _, s := range e.Sources {
			if s.Kind == "npm" && (!integrity.MatchString(s.Integrity) || s.Version == "") {
				t.Errorf("%s: npm package %s is not pinned", e.Name, s.Package)
			}
			if s.Kind == "https" && !strings.HasPrefix(s.URL, "https://") {
				t.Errorf("%s: %s", e.Name, s.URL)
			}
			if s.Kind != "https" && !pinned {
				t.Errorf("%s: only an address of the publisher may do without a hash", e.Name)
			}
		}
	}
}

// TestUnpinned: an entry without a hash is refused, and the refusal says what
// to do; with --trust or a file the source is recorded as taken on the user's
// word, and the publisher's own hash still holds.
func TestUnpinned(t *testing.T) {
	content := tinyModel()
	srv := serve(t, []byte(content))
	e := entry("tiny", content, Source{Kind: "https", URL: srv.URL, File: "m.tflite", Raw: true})
	e.StatedSHA256, e.SHA256 = e.SHA256, ""
	dir := t.TempDir()
	_, err := get(context.Background(), &e, Options{Dir: dir})
	for _, want := range []string{"--file FILE", "--trust", srv.URL, e.StatedSHA256, "CC0-1.0"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Fatalf("%v, want %q in it", err, want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	check := func(opt Options, fresh bool) {
		t.Helper()
		r, err := get(context.Background(), &e, opt)
		if err != nil || r.Fresh != fresh {
			t.Fatalf("%+v %v", r, err)
		}
		data, err := os.ReadFile(r.File)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := model.Read(data); err != nil || f.SourceSHA256 != e.StatedSHA256 || !strings.Contains(f.Source, "on the user's word") || f.Converter != quantise.Version {
			t.Errorf("%v %+v", err, f)
		}
	}
	check(Options{Dir: dir, Trust: true}, true)
	check(Options{Dir: dir}, false) // vouched for before
	given := filepath.Join(t.TempDir(), "mine.tflite")
	if err := os.WriteFile(given, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	check(Options{Dir: t.TempDir(), File: given}, true)
	e.StatedSHA256 = strings.Repeat("0", 64)
	for _, opt := range []Options{{Dir: t.TempDir(), File: given}, {Dir: t.TempDir(), Trust: true}} {
		if _, err := get(context.Background(), &e, opt); err == nil || !strings.Contains(err.Error(), "stated by the publisher") {
			t.Errorf("%v", err)
		}
	}
}

// TestGivenFile: a file given for a pinned entry must be the pinned one.
func TestGivenFile(t *testing.T) {
	e := entry("tiny", tinyModel())
	given := filepath.Join(t.TempDir(), "m")
	if err := os.WriteFile(given, []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := get(context.Background(), &e, Options{Dir: t.TempDir(), File: given}); err == nil || !strings.Contains(err.Error(), "changed or damaged") {
		t.Errorf("%v", err)
	}
}

// TestByHash: a file in LIKENESS_MODELS is known by its hash under any name.
func TestByHash(t *testing.T) {
	content := tinyModel()
	local := t.TempDir()
	t.Setenv("LIKENESS_MODELS", local)
	e := entry("tiny", content, Source{Kind: "dir", File: "m.tflite"})
	e.Bytes = int64(len(content))
	for name, data := range map[string]string{"m.tflite": "an older one", "download(1)": content, "other": strings.Repeat("x", len(content))} {
		if err := os.WriteFile(filepath.Join(local, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := get(context.Background(), &e, Options{Dir: t.TempDir()}); err != nil {
		t.Error(err)
	}
	os.Remove(filepath.Join(local, "download(1)"))
	if _, err := get(context.Background(), &e, Options{Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), e.SHA256) {
		t.Errorf("%v", err)
	}
}

// TestOlderConverter: a model that another version converted is made anew.
func TestOlderConverter(t *testing.T) {
	content := tinyModel()
	srv := serve(t, tgz(t, "m.tflite", content))
	e := entry("tiny", content, Source{Kind: "https", URL: srv.URL, File: "m.tflite"})
	dir := t.TempDir()
	r, err := get(context.Background(), &e, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(r.File)
	if err != nil {
		t.Fatal(err)
	}
	f, err := model.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range []string{"", "1"} {
		f.Converter = old
		if err := convert.WriteFile(r.File, f); err != nil {
			t.Fatal(err)
		}
		if r, err := get(context.Background(), &e, Options{Dir: dir}); err != nil || !r.Fresh {
			t.Errorf("converter %q: %+v %v", old, r, err)
		}
	}
	if r, err := get(context.Background(), &e, Options{Dir: dir}); err != nil || r.Fresh {
		t.Errorf("%+v %v", r, err)
	}
}

// TestSeveralFiles: the hash of several files is that of sha256sum's list.
func TestSeveralFiles(t *testing.T) {
	f := files{{"a", []byte("1")}, {"b", []byte("2")}}
	want := digest([]byte(digest([]byte("1")) + "  a\n" + digest([]byte("2")) + "  b\n"))
	if f.sha256() != want || f[:1].sha256() != digest([]byte("1")) {
		t.Errorf("%s, want %s", f.sha256(), want)
	}
}
