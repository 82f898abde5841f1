package index

import (
	"context"
	"fmt"
	"io/fs"
)

// Folder reads an index from a file system.
type Folder struct{ FS fs.FS }

// Read implements [Storage].
func (f Folder) Read(ctx context.Context, ranges []Range) ([][]byte, error) {
	out := make([][]byte, len(ranges))
	for i, r := range ranges {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if out[i], err = f.one(r); err != nil {
			return nil, fmt.Errorf("%s cannot be read (%w): %w", r.File, err, ErrDamaged)
		}
	}
	return out, nil
}

func (f Folder) one(r Range) ([]byte, error) {
	if r.Length < 0 {
		return fs.ReadFile(f.FS, r.File)
	}
	file, err := f.FS.Open(r.File)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	at, ok := file.(interface {
		ReadAt(p []byte, off int64) (int, error)
	})
	if !ok {
		data, err := fs.ReadFile(f.FS, r.File)
		if err == nil && int64(len(data)) < r.Offset+r.Length {
			err = fmt.Errorf("it ends before byte %d", r.Offset+r.Length)
		}
		if err != nil {
			return nil, err
		}
		return data[r.Offset:][:r.Length], nil
	}
	out := make([]byte, r.Length)
	n, err := at.ReadAt(out, r.Offset)
	if n == len(out) {
		err = nil
	}
	return out, err
}
