package pull

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"likeness/tools/regular"
)

// file is one file of a model as its publisher has it.
type file struct {
	name string
	data []byte
}

// files are what is converted together, the model first.
type files []file

// sha256 identifies the files: the hash of a single one, or that of the list
// that sha256sum prints of several.
func (f files) sha256() string {
	if len(f) == 1 {
		return digest(f[0].data)
	}
	var list []byte
	for _, x := range f {
		list = fmt.Appendf(list, "%s  %s\n", digest(x.data), x.name)
	}
	return digest(list)
}

func (f files) size() (n int) {
	for _, x := range f {
		n += len(x.data)
	}
	return n
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// local takes the file from the folder in LIKENESS_MODELS: under its name, or
// under any name if its hash is known.
func (s Source) local(e *Entry) (files, error) {
	dir := os.Getenv("LIKENESS_MODELS")
	if dir == "" {
		return nil, errors.New("LIKENESS_MODELS is not set")
	}
	var missing error = fmt.Errorf("%s holds no file with sha256 %s", dir, e.SHA256)
	if s.File != "" {
		data, err := readFile(filepath.Join(dir, s.File))
		if err == nil && (e.SHA256 == "" || e.Bytes == 0 || digest(data) == e.SHA256) {
			return files{{s.File, data}}, nil
		}
		if err != nil {
			missing = err
		}
	}
	if e.SHA256 == "" || e.Bytes == 0 {
		return nil, missing
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		info, err := d.Info()
		if err != nil || !info.Mode().IsRegular() || info.Size() != e.Bytes {
			continue // only files of the right size are read
		}
		data, _, err := regular.Read(filepath.Join(dir, d.Name()), maxDownload)
		if err == nil && digest(data) == e.SHA256 {
			return files{{d.Name(), data}}, nil
		}
	}
	return nil, missing
}

// readFile reads a regular file of at most maxDownload bytes.
func readFile(path string) ([]byte, error) {
	data, _, err := regular.Read(path, maxDownload)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}
