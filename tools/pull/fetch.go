package pull

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// maxDownload bounds what is read from any source.
const maxDownload = 1 << 30

// patience is how long an address may take to answer at all; closed networks
// should not keep anyone waiting. A download under way may fall silent for
// four times as long. Tests lower it.
var patience = 5 * time.Second

// fetch obtains the file. progress, which may be nil, is told how many bytes
// of how many have come; the total is 0 while it is unknown.
func (s Source) fetch(ctx context.Context, progress func(done, total int64)) ([]byte, error) {
	var data []byte
	var err error
	switch s.Kind {
	case "dir":
		dir := os.Getenv("LIKENESS_MODELS")
		if dir == "" {
			return nil, errors.New("LIKENESS_MODELS is not set")
		}
		data, err = os.ReadFile(filepath.Join(dir, s.File))
	case "https":
		data, err = s.download(ctx, progress)
	case "npm":
		data, err = s.npm(ctx)
	default:
		err = fmt.Errorf("unknown kind of source %q", s.Kind)
	}
	if err != nil {
		return nil, err
	}
	if s.Range != [2]int64{} {
		if s.Range[0] < 0 || s.Range[0] > s.Range[1] || s.Range[1] > int64(len(data)) {
			return nil, fmt.Errorf("%s has %d bytes, bytes %d to %d are wanted", s.File, len(data), s.Range[0], s.Range[1])
		}
		data = data[s.Range[0]:s.Range[1]]
	}
	return data, nil
}

func (s Source) download(ctx context.Context, progress func(done, total int64)) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	client := &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: patience}).DialContext,
		TLSHandshakeTimeout:   patience,
		ResponseHeaderTimeout: patience,
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	if resp.ContentLength > maxDownload {
		return nil, fmt.Errorf("the server offers %d bytes, too many", resp.ContentLength)
	}
	w := &watched{r: io.LimitReader(resp.Body, maxDownload), total: max(resp.ContentLength, 0), progress: progress}
	w.silence = time.AfterFunc(4*patience, func() { cancel(errors.New("the server fell silent")) })
	defer w.silence.Stop()
	archive, err := io.ReadAll(w)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, fmt.Errorf("after %d bytes: %w", w.done, err)
	}
	return member(archive, s.File)
}

// watched reports what is read and notices when nothing comes any more.
type watched struct {
	r           io.Reader
	done, total int64
	progress    func(done, total int64)
	silence     *time.Timer
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.silence.Reset(4 * patience)
	w.done += int64(n)
	if w.progress != nil && n > 0 {
		w.progress(w.done, w.total)
	}
	return n, err
}

// npm lets the npm client take the package by name and version, and checks it
// against the pinned hash.
func (s Source) npm(ctx context.Context) ([]byte, error) {
	tmp, err := os.MkdirTemp("", "likeness-pull-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	// A closed network should fail after one more try, not after minutes.
	cmd := exec.CommandContext(ctx, "npm", "pack", s.Package+"@"+s.Version, "--loglevel=error", "--ignore-scripts",
		"--fetch-retries=1", "--fetch-timeout=60000", "--pack-destination", tmp)
	cmd.Dir = tmp
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("there is no npm: install Node 20 or later, which brings it")
	case err != nil:
		return nil, fmt.Errorf("npm pack: %w: %s", err, bytes.TrimSpace(out))
	}
	files, err := filepath.Glob(filepath.Join(tmp, "*.tgz"))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("npm pack left %d archives", len(files))
	}
	archive, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	sum := sha512.Sum512(archive)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != s.Integrity {
		return nil, fmt.Errorf("the package's integrity is %s, %s is pinned", got, s.Integrity)
	}
	return member(archive, s.File)
}

// member reads one file of a .tgz.
func member(archive []byte, name string) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, fmt.Errorf("not a gzip archive: %w", err)
	}
	t := tar.NewReader(io.LimitReader(z, 2*maxDownload))
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil, fmt.Errorf("the archive holds no %s", name)
		}
		if err != nil {
			return nil, fmt.Errorf("damaged archive: %w", err)
		}
		if (h.Name == name || h.Name == "./"+name) && h.Typeflag == tar.TypeReg {
			if h.Size > maxDownload {
				return nil, fmt.Errorf("%s has %d bytes, too many", name, h.Size)
			}
			return io.ReadAll(t)
		}
	}
}
