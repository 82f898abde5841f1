package tiff

import "encoding/binary"

// undoPredictor turns the differences in a row back into samples. stride is the
// distance in samples of those that belong to one colour.
func (l *layout) undoPredictor(row, scratch []byte, stride int) {
	switch l.predictor {
	case 2:
		l.undoDifferences(row, stride)
	case 3:
		l.undoFloat(row, scratch, stride)
	}
}

// undoDifferences is predictor 2: each sample is stored as the difference to
// that of the pixel on its left.
func (l *layout) undoDifferences(row []byte, stride int) {
	size := l.bits / 8
	step := stride * size
	if size == 1 {
		for i := step; i < len(row); i++ {
			row[i] += row[i-step]
		}
		return
	}
	for i := step; i+size <= len(row); i += size {
		was, is := row[i-step:], row[i:]
		switch size {
		case 2:
			l.order.PutUint16(is, l.order.Uint16(is)+l.order.Uint16(was))
		case 4:
			l.order.PutUint32(is, l.order.Uint32(is)+l.order.Uint32(was))
		case 8:
			l.order.PutUint64(is, l.order.Uint64(is)+l.order.Uint64(was))
		}
	}
}

// undoFloat is predictor 3 (TIFF technical note 3): a row holds the first,
// highest bytes of all samples, then the second ones and so on, all together as
// differences of bytes.
func (l *layout) undoFloat(row, scratch []byte, stride int) {
	for i := stride; i < len(row); i++ {
		row[i] += row[i-stride]
	}
	size := l.bits / 8
	n := len(row) / size
	copy(scratch, row)
	for i := range n {
		for b := range size {
			to := b
			if l.order == binary.ByteOrder(binary.LittleEndian) {
				to = size - 1 - b
			}
			row[i*size+to] = scratch[b*n+i]
		}
	}
}
