package main

import (
	"context"
	"io"
	"io/fs"
	"os"
	"runtime"

	"likeness/tools/regular"
)

// maxPicture bounds the bytes of one file; the pixels have limits of their own.
const maxPicture = 1 << 30

// pictureFile is the bytes of a picture, and the part of the budget that they and
// their decoding take.
type pictureFile struct {
	data   []byte
	budget *budget
	held   int64
}

// load reads an open file of the budget.
func (b *budget) load(ctx context.Context, f *os.File, info fs.FileInfo) (*pictureFile, error) {
	if err := b.take(ctx, info.Size()); err != nil {
		return nil, err
	}
	p := &pictureFile{budget: b, held: info.Size()}
	var err error
	if p.data, err = regular.ReadAll(f, info); err != nil {
		p.free()
		return nil, err
	}
	return p, nil
}

// reserve takes need bytes more, for decoding. If they are not free at once, the
// file is given up and read again when its turn has come: who waits holds
// nothing, so that no two wait for each other. again: p.data are other bytes.
func (p *pictureFile) reserve(ctx context.Context, f *os.File, info fs.FileInfo, need int64) (again bool, err error) {
	if p.budget.more(need) {
		p.held += need
		return false, nil
	}
	p.free()
	if err := p.budget.take(ctx, info.Size()+need); err != nil {
		return false, err
	}
	p.held = info.Size() + need
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	p.data, err = regular.ReadAll(f, info)
	return true, err
}

// free gives back what is held. What a large picture took is collected first:
// the collector's own limit is soft, and would let the next one begin beside
// what is left of this.
func (p *pictureFile) free() {
	p.data = nil
	if p.held > p.budget.limit/8 {
		runtime.GC()
	}
	p.budget.give(p.held)
	p.held = 0
}
