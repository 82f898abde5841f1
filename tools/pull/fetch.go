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
// should not keep anyone waiting.
const patience = 5 * time.Second

func (s Source) fetch(ctx context.Context) ([]byte, error) {
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
		data, err = s.download(ctx)
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

func (s Source) download(ctx context.Context) ([]byte, error) {
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
	archive, err := io.ReadAll(io.LimitReader(resp.Body, maxDownload))
	if err != nil {
		return nil, err
	}
	return member(archive, s.File)
}

// npm lets the npm client take the package by name and version, and checks it
// against the pinned hash.
func (s Source) npm(ctx context.Context) ([]byte, error) {
	tmp, err := os.MkdirTemp("", "likeness-pull-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	cmd := exec.CommandContext(ctx, "npm", "pack", s.Package+"@"+s.Version, "--silent", "--pack-destination", tmp)
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
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
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil, fmt.Errorf("the archive holds no %s", name)
		}
		if err != nil {
			return nil, fmt.Errorf("damaged archive: %w", err)
		}
		if h.Name == name || h.Name == "./"+name {
			if h.Size > maxDownload {
				return nil, fmt.Errorf("%s has %d bytes, too many", name, h.Size)
			}
			return io.ReadAll(t)
		}
	}
}
