package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"likeness/engine/picture"
	"likeness/engine/signal"
	"likeness/tools/regular"
)

// Small pictures are files of their own up to so many; more are packed.
const (
	smallFolder    = "small"
	mostSmallFiles = 8000
	smallQuality   = 80
)

// small is a small picture, and the size of the one that it was made of.
type small struct {
	name          string // of its file in the cache: hash of the picture's bytes, side, .jpg
	width, height int
}

// small makes the small pictures that the cache does not have.
func (s *siteBuild) small() error {
	s.thumbs = make([]*small, len(s.set.names))
	var err error
	if s.signals, err = signal.ParseString(s.set.from.Signal); err != nil {
		return err
	}
	if s.f.thumbs == "none" {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(s.cache(), smallFolder), 0o777); err != nil {
		return err
	}
	memory := int64(s.f.memory)
	if memory == 0 {
		memory = defaultMemory()
	}
	b, err := newBudget(memory)
	if err != nil {
		return err
	}
	p := newProgress(s.app.stderr)
	defer p.clear()
	var next, done atomic.Int64
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for s.app.ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(s.thumbs) {
					return
				}
				t, err := s.one(s.app.ctx, b, s.set.names[i])
				mu.Lock()
				if err != nil && s.app.ctx.Err() == nil {
					s.status = exitSome
					p.line("%s: no small picture: %s", shown(s.set.names[i]), failed(s.set.names[i], err).Error)
				}
				s.thumbs[i] = t
				p.step("made small", "pictures", int(done.Add(1)), len(s.thumbs))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if s.app.ctx.Err() != nil {
		return s.app.interrupted()
	}
	if s.packed() {
		return nil
	}
	return s.copySmall()
}

// packed reports whether the small pictures are packed into few files.
func (s *siteBuild) packed() bool {
	return s.f.thumbs == "packed" || s.f.thumbs == "" && len(s.set.names) > mostSmallFiles
}

// one makes the small picture of a file, or finds it in the cache.
func (s *siteBuild) one(ctx context.Context, b *budget, name string) (*small, error) {
	f, info, err := regular.Open(name, maxPicture)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := b.load(ctx, f, info)
	if err != nil {
		return nil, err
	}
	defer data.free()
	sum := sha256.Sum256(data.data)
	made := s.signals.KindOf(name) != ""
	var p *picture.Picture
	if made {
		sum = sha256.Sum256(append(sum[:], s.signals.String()...))
		p, err = data.openSignal(ctx, s.signals, f, info, name)
	} else {
		p, err = picture.Open(data.data, picture.Limits{Memory: b.limit})
	}
	if err != nil {
		return nil, err
	}
	t := &small{name: hex.EncodeToString(sum[:8]) + "-" + strconv.Itoa(s.f.side) + ".jpg", width: p.Width, height: p.Height}
	if p.Orientation >= 5 {
		t.width, t.height = t.height, t.width
	}
	path := filepath.Join(s.cache(), smallFolder, t.name)
	if _, err := os.Stat(path); err == nil {
		return t, nil
	}
	th, err := picture.NewThumbnailer(p, s.f.side)
	if err != nil {
		return nil, err
	}
	need, err := th.Memory(p)
	if err != nil {
		return nil, err
	}
	again := false
	if !made {
		again, err = data.reserve(ctx, f, info, need)
	}
	if err != nil {
		return nil, err
	}
	if again {
		if p, err = picture.Open(data.data, picture.Limits{Memory: b.limit}); err != nil {
			return nil, err
		}
	}
	rgb, w, h, err := th.Make(p)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, rgba(rgb, w, h), &jpeg.Options{Quality: smallQuality}); err != nil {
		return nil, err
	}
	return t, replace(path, out.Bytes())
}

// rgba is an image of three bytes a pixel.
func rgba(rgb []byte, w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(img.Pix[4*i:], rgb[3*i:][:3])
		img.Pix[4*i+3] = 255
	}
	return img
}

// copySmall puts the small pictures into the index as files.
func (s *siteBuild) copySmall() error {
	for i, t := range s.thumbs {
		if t == nil || s.wrote[smallFolder+"/"+t.name] {
			continue
		}
		name := smallFolder + "/" + t.name
		if _, err := os.Stat(filepath.Join(s.out, smallFolder, t.name)); err == nil {
			s.wrote[name] = true
			continue
		}
		data, err := s.thumb(i)
		if err == nil {
			err = s.write(name, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// thumb reads a small picture from the cache.
func (s *siteBuild) thumb(i int) ([]byte, error) {
	if s.thumbs[i] == nil {
		return nil, nil
	}
	return os.ReadFile(filepath.Join(s.cache(), smallFolder, s.thumbs[i].name))
}

// replace puts a file in place whole. What a killed run leaves is named
// .likeness-*.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".likeness-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err = f.Chmod(0o644); err == nil {
		_, err = f.Write(data)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
