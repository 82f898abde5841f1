package parquet

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	// largestPage bounds a page when it is unpacked. Writers make pages of 1 MiB.
	largestPage = 64 << 20
	// mostGrowth is how many times larger than its bytes a page may be: numbers
	// seldom shrink to less than a hundredth.
	mostGrowth = 1000
)

var errCut = errors.New("parquet: the file is cut off or damaged")

var errBounds = errors.New("parquet: the file is damaged: it claims more than it holds")

// checkFooter refuses a file without an end, or whose end claims to be longer
// than the file.
func checkFooter(r io.ReaderAt, size int64) error {
	var end [8]byte
	if size < 12 {
		return errCut
	}
	if _, err := r.ReadAt(end[:], size-8); err != nil {
		return fmt.Errorf("parquet: %w", err)
	}
	if string(end[4:]) != "PAR1" || int64(binary.LittleEndian.Uint32(end[:])) > size-12 {
		return errCut
	}
	return nil
}

// checkPages refuses a file whose pages claim to be larger than can be: the
// library makes room for what a header says before it reads on.
func checkPages(r io.ReaderAt, size int64, meta *format.FileMetaData) error {
	rows := int64(0)
	for _, group := range meta.RowGroups {
		rows += group.NumRows
		for _, column := range group.Columns {
			m := column.MetaData
			start := m.DataPageOffset
			if m.DictionaryPageOffset > 0 {
				start = min(start, m.DictionaryPageOffset)
			}
			if start < 4 || m.TotalCompressedSize < 0 || start > size || m.TotalCompressedSize > size-start || m.NumValues < 0 || m.NumValues > largestPage/4*256 {
				return errBounds
			}
			if err := checkColumn(r, start, start+m.TotalCompressedSize); err != nil {
				return err
			}
		}
	}
	if rows < 0 || rows > size {
		return errBounds
	}
	return nil
}

// counted counts what is read.
type counted struct {
	r *bufio.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counted) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

func checkColumn(r io.ReaderAt, at, end int64) error {
	for at < end {
		in := &counted{r: bufio.NewReaderSize(io.NewSectionReader(r, at, end-at), 512)}
		var h format.PageHeader
		if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(in)).Decode(&h); err != nil {
			return fmt.Errorf("parquet: the file is damaged: %w", err)
		}
		whole, packed := int64(h.UncompressedPageSize), int64(h.CompressedPageSize)
		if whole < 0 || packed < 0 || whole > largestPage || whole > mostGrowth*(packed+100) || packed > end-at-in.n {
			return errBounds
		}
		at += in.n + packed
	}
	return nil
}
