package tune

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// Digest names a picture by its content, or a Viewer by all that its views depend
// on: SHA-256.
type Digest [sha256.Size]byte

// Segment is a file of a Pack.
type Segment interface {
	Storage
	Size() (int64, error)
	Truncate(size int64) error
}

// Pack keeps views of pictures over several runs, found by the contents of the
// pictures. It lies in segments that nobody else may write meanwhile:
//
//	header: "likeness views 1", the viewer's key [32], views and values of a view
//	as uint32, CRC-32 (IEEE) of all that as uint32, four zeros
//	record: the picture's digest [32], length of the note as uint32, CRC-32 of
//	what follows as uint32, values as File has them, the note
//
// all little-endian. A record is appended at once; one that is cut off or damaged
// is as if it were not there, and written anew. It is safe for concurrent use.
type Pack struct {
	key         Digest
	views, each int
	lock        sync.Mutex
	segments    []*segment
	at          map[Digest]place
}

// segment is one with the length of its whole records, and whether any of them
// was found.
type segment struct {
	Segment
	size int64
	used bool
}

// place is where the values of a picture are.
type place struct {
	of    *segment
	off   int64
	note  int
	whole bool // the checksum was right
}

const (
	packMagic    = "likeness views 1"
	packHeader   = 64
	recordHeader = 40
	// mostNote bounds what a damaged length asks for.
	mostNote = 1 << 16
	// PackSegment is the size in bytes from which a segment takes no more records.
	PackSegment = 256 << 20
)

// NewPack makes a pack of views of a Viewer: its Key, how many views a picture
// has, and its Len.
func NewPack(key Digest, views, each int) *Pack {
	return &Pack{key: key, views: views, each: each, at: map[Digest]place{}}
}

// PictureBytes is about what a picture takes.
func (p *Pack) PictureBytes() int64 { return recordHeader + p.valueBytes() }

func (p *Pack) valueBytes() int64 { return 2 * int64(p.views) * int64(p.each) }

// Append adds a segment, which is empty or was written by a pack of the same key;
// one that was not is emptied. Records are added to the last one.
func (p *Pack) Append(s Segment) error {
	n, err := s.Size()
	if err != nil {
		return err
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	head, want := make([]byte, packHeader), p.header()
	if n >= packHeader {
		if _, err := s.ReadAt(head, 0); err != nil {
			return err
		}
	}
	if !bytes.Equal(head, want) {
		if err := s.Truncate(0); err != nil {
			return err
		}
		n = packHeader
	}
	// Also of one that is read only, so that its time is that of its last use.
	if _, err := s.WriteAt(want, 0); err != nil {
		return err
	}
	one := &segment{Segment: s}
	if err := p.index(one, n); err != nil {
		return err
	}
	p.segments = append(p.segments, one)
	return nil
}

func (p *Pack) header() []byte {
	b := append([]byte(packMagic), p.key[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(p.views))
	b = binary.LittleEndian.AppendUint32(b, uint32(p.each))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return append(b, 0, 0, 0, 0)
}

// index finds the records of a segment of n bytes.
func (p *Pack) index(s *segment, n int64) error {
	head := make([]byte, recordHeader)
	s.size = packHeader
	for s.size+recordHeader+p.valueBytes() <= n {
		if _, err := s.ReadAt(head, s.size); err != nil {
			return err
		}
		note := binary.LittleEndian.Uint32(head[32:])
		end := s.size + recordHeader + p.valueBytes() + int64(note)
		if note > mostNote || end > n {
			break
		}
		p.at[Digest(head[:32])] = place{of: s, off: s.size, note: int(note)}
		s.size = end
	}
	return nil
}

// Find reports whether the views of a picture are there, whole and undamaged, and
// gives the note that was kept with them.
func (p *Pack) Find(picture Digest) (note []byte, ok bool) {
	p.lock.Lock()
	at, ok := p.at[picture]
	p.lock.Unlock()
	if !ok {
		return nil, false
	}
	b := make([]byte, recordHeader+p.valueBytes()+int64(at.note))
	_, err := at.of.ReadAt(b, at.off)
	p.lock.Lock()
	defer p.lock.Unlock()
	if err != nil || crc32.ChecksumIEEE(b[recordHeader:]) != binary.LittleEndian.Uint32(b[36:]) || Digest(b[:32]) != picture {
		if p.at[picture] == at {
			delete(p.at, picture)
		}
		return nil, false
	}
	at.whole, at.of.used = true, true
	p.at[picture] = at
	return b[recordHeader+p.valueBytes():], true
}

// Add keeps the views of a picture, as Bytes gives them, and a note of up to
// 64 KiB. After an error, what was there before stays.
func (p *Pack) Add(picture Digest, values, note []byte) error {
	if int64(len(values)) != p.valueBytes() || len(note) > mostNote {
		return errorf(CodeData, "%d bytes of views and %d of a note: the pack keeps %d views of %d values", len(values), len(note), p.views, p.each)
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.at[picture].whole {
		return nil
	}
	if len(p.segments) == 0 {
		return errorf(CodeData, "the pack has no segment to add to")
	}
	b := append(make([]byte, 0, recordHeader+len(values)+len(note)), picture[:]...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(note)))
	sum := crc32.Update(crc32.ChecksumIEEE(values), crc32.IEEETable, note)
	b = binary.LittleEndian.AppendUint32(b, sum)
	b = append(append(b, values...), note...)
	s := p.segments[len(p.segments)-1]
	n, err := s.WriteAt(b, s.size)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return errors.Join(&Error{Code: CodeData, Msg: fmt.Sprintf("the cache cannot be written: %v", err), Err: err}, s.Truncate(s.size))
	}
	p.at[picture] = place{of: s, off: s.size, note: len(note), whole: true}
	s.size, s.used = s.size+int64(len(b)), true
	return nil
}

// Full reports whether another segment is to be appended before the next Add.
func (p *Pack) Full() bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	return len(p.segments) == 0 || p.segments[len(p.segments)-1].size >= PackSegment
}

// Unused takes out the segments of which no record was found or added, and
// returns which they were.
func (p *Pack) Unused() (which []int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	var kept []*segment
	for i, s := range p.segments {
		if s.used {
			kept = append(kept, s)
		} else {
			which = append(which, i)
		}
	}
	for d, at := range p.at {
		if !at.of.used {
			delete(p.at, d)
		}
	}
	p.segments = kept
	return which
}

// get reads one view of a picture that was found or added.
func (p *Pack) get(values []int16, bytes []byte, picture Digest, view int) error {
	p.lock.Lock()
	at := p.at[picture]
	p.lock.Unlock()
	if !at.whole || view < 0 || view >= p.views || len(values) != p.each {
		return errorf(CodeData, "the cache has no view %d of %d values of this picture", view, len(values))
	}
	if _, err := at.of.ReadAt(bytes, at.off+recordHeader+int64(view*2*p.each)); err != nil {
		return &Error{Code: CodeData, Msg: fmt.Sprintf("the cache cannot be read: %v; try again", err), Err: err}
	}
	for i := range values {
		values[i] = int16(binary.LittleEndian.Uint16(bytes[2*i:]))
	}
	return nil
}

// Kept is a Cache of pictures that lie in a Pack, and of others in another cache.
// It is not safe for concurrent use.
type Kept struct {
	// Rest is where Put puts pictures; nil where all are in the pack.
	Rest Cache

	pack   *Pack
	of     []keptPicture
	others int // pictures in the rest
	bytes  []byte
}

// keptPicture is in the pack, or the picture of a number in the rest.
type keptPicture struct {
	digest Digest
	rest   int // -1: in the pack
}

// NewKept makes a Cache of a pack.
func NewKept(p *Pack) *Kept { return &Kept{pack: p, bytes: make([]byte, 2*p.each)} }

// Find is that of the pack.
func (k *Kept) Find(picture Digest) (note []byte, ok bool) { return k.pack.Find(picture) }

// Take appends a picture that the pack has.
func (k *Kept) Take(picture Digest) { k.of = append(k.of, keptPicture{picture, -1}) }

// Put is that of Cache: views of the picture after the last one, in the rest.
func (k *Kept) Put(picture, view int, values []int16) error {
	if k.Rest == nil {
		return errorf(CodeData, "there is no place for pictures that are not in the pack")
	}
	if picture == len(k.of) {
		k.of = append(k.of, keptPicture{rest: k.others})
		k.others++
	}
	if picture < 0 || picture >= len(k.of) || k.of[picture].rest < 0 {
		return errorf(CodeData, "picture %d of %d", picture, len(k.of))
	}
	return k.Rest.Put(k.of[picture].rest, view, values)
}

// Get is that of Cache.
func (k *Kept) Get(values []int16, picture, view int) error {
	if picture < 0 || picture >= len(k.of) {
		return errorf(CodeData, "picture %d of %d", picture, len(k.of))
	}
	if one := k.of[picture]; one.rest >= 0 {
		return k.Rest.Get(values, one.rest, view)
	}
	return k.pack.get(values, k.bytes, k.of[picture].digest, view)
}

// Bytes are views as a pack has them: two bytes a value, little-endian, one view
// after the other.
func Bytes(views [][]int16) []byte {
	var b []byte
	for _, values := range views {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint16(b, uint16(v))
		}
	}
	return b
}
