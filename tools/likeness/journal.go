package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"time"

	"likeness/tools/output"
)

// journal is FILE.partial: the vectors that a run with --update has computed,
// in the order in which it did. It is there until FILE is, so that a run that
// was ended in whatever way is gone on with.
//
// It is a magic number and records, each of a length and a CRC-32C, both four
// bytes, little-endian, and as many bytes. The first record is the setting as
// JSON; the others are pictures. A record that is cut off or wrong, as after a
// loss of power, ends the file.
type journal struct {
	f      *os.File
	path   string
	first  int64 // where pictures start
	end    int64
	synced time.Time
	closed bool
	dim    int
	found  knownSet // of earlier runs
	at     []int64  // where their records start
}

const (
	journalMagic = "likeness journal 1\n"
	// maxRecord bounds a record: a vector of the largest layers in use has 13 MB.
	maxRecord = 1 << 28
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openJournal opens the journal of file, or begins one.
func openJournal(file string, s setting) (j *journal, err error) {
	path := file + ".partial"
	f, err := output.OpenLocked(path, file)
	if err != nil {
		return nil, err
	}
	j = &journal{f: f, path: path, synced: time.Now(), dim: s.Dim}
	j.found = knownSet{rows: j, partial: true}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	head, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	start := make([]byte, len(journalMagic))
	n, err := f.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if string(start[:n]) != journalMagic[:n] {
		return nil, fmt.Errorf("cannot write %s: a file of that name is there and is not of this program: move it away", path)
	}
	j.end = int64(len(journalMagic))
	was, err := j.record(j.end, info.Size())
	if err != nil { // killed before anything was done
		return j, j.begin(head)
	}
	var old setting
	if json.Unmarshal(was, &old) != nil || !bytes.Equal(was, head) {
		return nil, fmt.Errorf("%s is what an interrupted run has left, and %s; to drop what it did, remove %s", path, old.differsAnyhow(s), path)
	}
	j.first = j.end + 8 + int64(len(was))
	j.end = j.first
	return j, j.scan(info.Size())
}

// differsAnyhow is differs where they are known to differ.
func (a setting) differsAnyhow(b setting) string {
	if s := a.differs(b); s != "" {
		return s
	}
	return "it is of another version of the program: finish that run with it"
}

// begin starts an empty journal.
func (j *journal) begin(head []byte) error {
	if err := j.f.Truncate(0); err != nil {
		return err
	}
	if _, err := j.f.WriteAt([]byte(journalMagic), 0); err != nil {
		return err
	}
	j.end = int64(len(journalMagic))
	err := j.append(head)
	j.first = j.end
	return err
}

// append writes a record at the end.
func (j *journal) append(payload []byte) error {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, 8+len(payload)), uint32(len(payload)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(payload, castagnoli))
	b = append(b, payload...)
	if _, err := j.f.WriteAt(b, j.end); err != nil {
		return err
	}
	j.end += int64(len(b))
	// A loss of power may cost what was done in these seconds.
	if time.Since(j.synced) > 5*time.Second {
		j.synced = time.Now()
		return j.f.Sync()
	}
	return nil
}

var errRecord = errors.New("the record is damaged")

// record reads the record at an offset of a file of size bytes.
func (j *journal) record(at, size int64) ([]byte, error) {
	var head [8]byte
	if at > size-8 {
		return nil, errRecord
	}
	if _, err := j.f.ReadAt(head[:], at); err != nil {
		return nil, err
	}
	n := int64(binary.LittleEndian.Uint32(head[:]))
	if n > maxRecord || n > size-8-at {
		return nil, errRecord
	}
	payload := make([]byte, n)
	if _, err := j.f.ReadAt(payload, at+8); err != nil {
		return nil, err
	}
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(head[4:]) {
		return nil, errRecord
	}
	return payload, nil
}

// scan lists the pictures and cuts off what follows the last whole record.
func (j *journal) scan(size int64) error {
	for j.end < size {
		payload, err := j.record(j.end, size)
		if err != nil && !errors.Is(err, errRecord) {
			return err
		}
		p, vector, ok := parsePicture(payload)
		if err != nil || !ok || len(vector) != 4*j.dim {
			break
		}
		j.found.add(p)
		j.at = append(j.at, j.end)
		j.end += 8 + int64(len(payload))
	}
	return j.f.Truncate(j.end)
}

// add appends a picture.
func (j *journal) add(p *embedded) error { return j.append(appendPicture(nil, p)) }

// Row reads the vector of a picture of an earlier run.
func (j *journal) Row(i int, dst []float32) (name string, v []float32, err error) {
	payload, err := j.record(j.at[i], math.MaxInt64)
	if err != nil {
		return "", nil, err
	}
	p, vector, ok := parsePicture(payload)
	if !ok || len(vector) != 4*j.dim {
		return "", nil, errRecord
	}
	for ; len(vector) > 0; vector = vector[4:] {
		dst = append(dst, math.Float32frombits(binary.LittleEndian.Uint32(vector)))
	}
	return p.file, dst, nil
}

// remove deletes the journal, when FILE is there or nothing was done.
func (j *journal) remove() {
	j.closed = true
	os.Remove(j.path)
	j.f.Close()
	os.Remove(j.path) // some systems remove closed files only
}

// close keeps the journal for another run, unless it holds no picture.
func (j *journal) close() {
	if j.closed {
		return
	}
	if j.end == j.first {
		j.remove()
		return
	}
	j.closed = true
	_ = j.f.Sync()
	j.f.Close()
}

// appendPicture encodes a picture: name, size, time, sha256, notes, each of a
// known length, and the vector.
func appendPicture(b []byte, p *embedded) []byte {
	notes, _ := json.Marshal(p.notes)
	if len(p.notes) == 0 {
		notes = nil
	}
	sum, _ := hex.DecodeString(p.id.sha256)
	for _, part := range [][]byte{[]byte(p.file), sum, notes} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	b = binary.AppendVarint(b, p.id.size)
	b = binary.AppendVarint(b, p.id.time)
	for _, x := range p.vector {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// parsePicture undoes appendPicture, but for the vector, whose bytes it
// returns.
func parsePicture(b []byte) (p *embedded, vector []byte, ok bool) {
	var parts [3][]byte
	for i := range parts {
		n, w := binary.Uvarint(b)
		if w <= 0 || n > uint64(len(b)-w) {
			return nil, nil, false
		}
		parts[i], b = b[w:w+int(n)], b[w+int(n):]
	}
	p = &embedded{file: string(parts[0]), id: identity{sha256: hex.EncodeToString(parts[1])}}
	if len(parts[2]) > 0 && json.Unmarshal(parts[2], &p.notes) != nil {
		return nil, nil, false
	}
	for _, v := range []*int64{&p.id.size, &p.id.time} {
		n, w := binary.Varint(b)
		if w <= 0 {
			return nil, nil, false
		}
		*v, b = n, b[w:]
	}
	return p, b, true
}
