package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/jpeg"
	"math"
	"slices"
	"time"

	"likeness/engine"
	"likeness/engine/picture"
)

// measurement is what bench --report prints: a machine, how fast it is, and
// sums of vectors, which are the same on every machine.
type measurement struct {
	Build     build       `json:"build"`
	Processor string      `json:"processor,omitempty"`
	ModelHash string      `json:"model_hash"`
	Vector    string      `json:"vector_sha256"` // of the pixels that bench uses
	Network   *timing     `json:"network"`
	Photo     photoTiming `json:"photo"`
}

// photoTiming is the whole way from a JPEG of 12 megapixels to a vector.
type photoTiming struct {
	Bytes  int     `json:"bytes"`
	Median float64 `json:"ms_median"`
	Min    float64 `json:"ms_min"`
	Vector string  `json:"vector_sha256"`
}

// measureMachine measures a model, layer by layer, and the way of a photo, on one core.
func (m *loaded) measureMachine(ctx context.Context, layer string, runs int) (*measurement, error) {
	t, err := m.measure(ctx, layer, runs, true)
	if err != nil {
		return nil, err
	}
	r := &measurement{Build: thisBuild(), Processor: processor(), ModelHash: m.net.Hash(), Network: t}
	s, err := m.net.NewSession(t.Layer)
	if err != nil {
		return nil, err
	}
	photo, err := testPhoto(4000, 3000)
	if err != nil {
		return nil, err
	}
	r.Photo.Bytes = len(photo)
	times := []float64{}
	for range max(3, runs/5) {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		start := time.Now()
		p, err := picture.Open(photo, picture.Limits{})
		if err == nil {
			err = s.RunPicture(p)
		}
		if err != nil {
			return nil, err
		}
		if r.Photo.Vector, err = vectorSum(s, t.Layer); err != nil {
			return nil, err
		}
		times = append(times, milliseconds(time.Since(start)))
	}
	slices.Sort(times)
	r.Photo.Median, r.Photo.Min = times[len(times)/2], times[0]
	if err := s.Resize(picture.ResizeNone); err != nil {
		return nil, err
	}
	if err := s.Run(testPicture(m.net.Preparation())); err != nil {
		return nil, err
	}
	r.Vector, err = vectorSum(s, t.Layer)
	return r, err
}

// vectorSum is the SHA-256 of the session's vector, as float32 little endian.
func vectorSum(s *engine.Session, layer string) (string, error) {
	v, err := s.Vector(layer, engine.PoolAvg, true)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, x := range v {
		var b [4]byte
		binary.LittleEndian.PutUint32(b[:], math.Float32bits(x))
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// testPhoto is a JPEG of shapes and noise, the same bytes on every machine:
// its pixels and Go's encoder are integers throughout.
func testPhoto(w, h int) ([]byte, error) {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	noise := uint32(1)
	for y := range h {
		for x := range w {
			noise = noise*1664525 + 1013904223
			base := 40 + 90*x/w + 60*y/h
			if (x/250+y/250)%2 == 0 {
				base += 40
			}
			img.Y[img.YOffset(x, y)] = byte(base + int(noise>>29))
			at := img.COffset(x, y)
			img.Cb[at], img.Cr[at] = byte(60+120*x/w), byte(190-120*y/h)
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 90})
	return out.Bytes(), err
}
