package onnx

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// external reads the bytes of a tensor that the model keeps in another file.
// The file must lie in the model's folder: os.Root refuses names and links
// that lead out of it.
func (r *reader) external(at map[string]string, size int) (raw []byte, err error) {
	name := at["location"]
	if r.dir == "" {
		return nil, fmt.Errorf("keeps its data in the file %q, and no folder to look in is known", name)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("external data %q: %w", name, err)
		}
	}()
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("is not inside the model's folder")
	}
	if err := r.know(name); err != nil {
		return nil, err
	}
	offset, err := number(at, "offset", 0)
	if err != nil {
		return nil, err
	}
	length, err := number(at, "length", int64(size))
	if err != nil {
		return nil, err
	}
	if length != int64(size) {
		return nil, fmt.Errorf("has a length of %d bytes, the shape needs %d", length, size)
	}
	root, err := os.OpenRoot(r.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	// Looked at before it is opened: opening a pipe would wait for ever.
	st, err := root.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("is not there: the weights are in that file; put it beside the model, under that name")
	}
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("is not a regular file")
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if st.Size() < length || offset > st.Size()-length {
		return nil, fmt.Errorf("has %d bytes, and %d are wanted from %d on", st.Size(), length, offset)
	}
	raw = make([]byte, length)
	if _, err := io.ReadFull(io.NewSectionReader(f, offset, length), raw); err != nil {
		return nil, err
	}
	return raw, nil
}

// know notes the name of a file of external data.
func (r *reader) know(name string) error {
	if r.known[name] {
		return nil
	}
	if len(r.files) >= maxFiles {
		return fmt.Errorf("is one of more than %d files of weights", maxFiles)
	}
	if r.known == nil {
		r.known = map[string]bool{}
	}
	r.known[name] = true
	r.files = append(r.files, name)
	return nil
}

func number(at map[string]string, key string, def int64) (int64, error) {
	s, ok := at[key]
	if !ok {
		return def, nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < 0 {
		return 0, fmt.Errorf("has %s %q, which is no size in bytes", key, s)
	}
	return v, nil
}
