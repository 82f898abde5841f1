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
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"likeness/tools/output"
)

// maxDownload bounds what is read from any source.
const maxDownload = 1 << 30

// patience is how long an address may take to answer at all; closed networks
// should not keep anyone waiting. A download under way may fall silent for
// four times as long. Tests lower it.
var patience = 5 * time.Second

// fetch obtains the entry's files. progress, which may be nil, is told how many
// bytes of how many have come; the total is 0 while it is unknown.
func (s Source) fetch(ctx context.Context, e *Entry, progress func(done, total int64)) (files, error) {
	var got files
	var err error
	switch s.Kind {
	case "dir":
		got, err = s.local(e)
	case "https":
		got, err = s.download(ctx, progress)
	case "npm":
		got, err = s.npm(ctx)
	default:
		err = fmt.Errorf("unknown kind of source %q", s.Kind)
	}
	if err != nil {
		return nil, err
	}
	if s.Range != [2]int64{} {
		data := got[0].data
		if s.Range[0] < 0 || s.Range[0] > s.Range[1] || s.Range[1] > int64(len(data)) {
			return nil, fmt.Errorf("%s has %d bytes, bytes %d to %d are wanted", s.File, len(data), s.Range[0], s.Range[1])
		}
		got[0].data = data[s.Range[0]:s.Range[1]]
	}
	return got, nil
}

// names are the files to take from an archive, the model first.
func (s Source) names() []string {
	if len(s.Files) > 0 {
		return s.Files
	}
	return []string{s.File}
}

func (s Source) download(ctx context.Context, progress func(done, total int64)) (files, error) {
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
	if s.Raw {
		return files{{path.Base(s.File), archive}}, nil
	}
	return members(archive, s.names())
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
func (s Source) npm(ctx context.Context) (files, error) {
	tmp, remove, err := output.TempFolder()
	if err != nil {
		return nil, err
	}
	defer remove()
	// A closed network should fail after one more try, not after minutes.
	cmd := exec.CommandContext(ctx, "npm", "pack", s.Package+"@"+s.Version, "--loglevel=error", "--ignore-scripts",
		"--fetch-retries=1", "--fetch-timeout=60000", "--pack-destination", tmp)
	cmd.Dir = tmp
	cmd.WaitDelay = 200 * time.Millisecond // what npm has started may hold its output open
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("there is no npm: install Node 20 or later, which brings it")
	case err != nil:
		return nil, fmt.Errorf("npm pack: %w: %s", err, bytes.TrimSpace(out))
	}
	packed, err := filepath.Glob(filepath.Join(tmp, "*.tgz"))
	if err != nil || len(packed) != 1 {
		return nil, fmt.Errorf("npm pack left %d archives", len(packed))
	}
	archive, err := readFile(packed[0])
	if err != nil {
		return nil, err
	}
	sum := sha512.Sum512(archive)
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:]); got != s.Integrity {
		return nil, fmt.Errorf("the package's integrity is %s, %s is pinned", got, s.Integrity)
	}
	return members(archive, s.names())
}

// members reads files of a .tgz, in the order of their names.
func members(archive []byte, names []string) (files, error) {
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, fmt.Errorf("not a gzip archive: %w", err)
	}
	found := map[string][]byte{}
	t := tar.NewReader(io.LimitReader(z, 2*maxDownload))
	for len(found) < len(names) {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("damaged archive: %w", err)
		}
		name := strings.TrimPrefix(h.Name, "./")
		if h.Typeflag != tar.TypeReg || !slices.Contains(names, name) {
			continue
		}
		if h.Size > maxDownload {
			return nil, fmt.Errorf("%s has %d bytes, too many", name, h.Size)
		}
		if found[name], err = io.ReadAll(t); err != nil {
			return nil, fmt.Errorf("damaged archive: %w", err)
		}
	}
	var out files
	for _, name := range names {
		data, ok := found[name]
		if !ok {
			return nil, fmt.Errorf("the archive holds no %s", name)
		}
		out = append(out, file{path.Base(name), data})
	}
	return out, nil
}
