package tune

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Storage is what a File cache is kept in: an *os.File, for example.
type Storage interface {
	io.ReaderAt
	io.WriterAt
}

// File is a Cache in a file: two bytes a value, little-endian, the views of a
// picture one after the other. It holds no more than one view in memory, so that
// thousands of pictures can be learned from. It is not safe for concurrent use.
type File struct {
	storage     Storage
	views, each int
	pictures    int
	bytes       []byte
}

// NewFile makes a Cache for layers of each values in an empty storage.
func NewFile(s Storage, views, each int) *File {
	return &File{storage: s, views: views, each: each, bytes: make([]byte, 2*each)}
}

func (c *File) offset(picture, view int) int64 {
	return (int64(picture)*int64(c.views) + int64(view)) * int64(2*c.each)
}

// Put is that of Cache.
func (c *File) Put(picture, view int, values []int16) error {
	if len(values) != c.each || view < 0 || view >= c.views || picture < 0 {
		return errorf(CodeData, "%d values for view %d of picture %d: the cache keeps %d views of %d values", len(values), view, picture, c.views, c.each)
	}
	for i, v := range values {
		binary.LittleEndian.PutUint16(c.bytes[2*i:], uint16(v))
	}
	if _, err := c.storage.WriteAt(c.bytes, c.offset(picture, view)); err != nil {
		return &Error{Code: CodeData, Msg: fmt.Sprintf("the cache cannot be written: %v", err), Err: err}
	}
	c.pictures = max(c.pictures, picture+1)
	return nil
}

// Get is that of Cache.
func (c *File) Get(values []int16, picture, view int) error {
	if picture < 0 || picture >= c.pictures || view < 0 || view >= c.views || len(values) != c.each {
		return errorf(CodeData, "the cache has no view %d of picture %d of %d values", view, picture, len(values))
	}
	if _, err := c.storage.ReadAt(c.bytes, c.offset(picture, view)); err != nil {
		return &Error{Code: CodeData, Msg: fmt.Sprintf("the cache cannot be read: %v", err), Err: err}
	}
	for i := range values {
		values[i] = int16(binary.LittleEndian.Uint16(c.bytes[2*i:]))
	}
	return nil
}
