package jpeg

// streamed reads the one scan of a sequential file row by row.
type streamed struct {
	*picture
	bits   bitReader
	scan   *scan
	tables []*tables
	dc     []int32 // predictions
	left   int     // MCUs to the next restart marker
	count  int     // restart markers so far
	block  block
}

func (p *picture) openStreamed(s *scan) error {
	st := &streamed{picture: p, scan: s}
	p.memory = p.baseMemory(s.blocks())
	p.start, p.makeRow = st.begin, st.row
	if err := s.latch(&p.header); err != nil {
		return err
	}
	for _, c := range s.comps {
		if p.dcCodes[c.td] == nil || p.acCodes[c.ta] == nil {
			return damaged("a Huffman table is missing")
		}
	}
	return nil
}

func (st *streamed) begin() error {
	for _, c := range st.scan.comps {
		t, err := st.header.tables(c)
		if err != nil {
			return err
		}
		st.tables = append(st.tables, t)
	}
	st.dc = make([]int32, len(st.scan.comps))
	st.bits.open(st.data, st.scan.at, st.scan.blocks())
	st.left = st.restart
	st.newPlanes()
	return nil
}

// row puts one row of MCUs into the planes.
func (st *streamed) row(y int) error {
	for x := range st.frame.mcusX {
		if err := st.mcu(x, y); err != nil {
			return err
		}
	}
	if y == st.frame.mcusY-1 {
		return st.bits.finish()
	}
	return nil
}

func (st *streamed) mcu(x, y int) error {
	if st.restart > 0 {
		if st.left == 0 {
			if err := st.bits.nextInterval(st.count); err != nil {
				return err
			}
			st.count++
			st.left = st.restart
			clear(st.dc)
		}
		st.left--
	}
	if !st.bits.ready() {
		return st.bits.failure(shortage)
	}
	for i, c := range st.scan.comps {
		plane, t := st.planeOf(c), st.tables[i]
		for by := range c.v {
			for bx := range c.h {
				st.clear(c.keep.size)
				if !st.bits.readBlock(&st.block, t, c.keep, &st.dc[i]) {
					return st.bits.failure(badCode)
				}
				plane.put(&st.block, x*c.h+bx, y*c.v+by)
			}
		}
	}
	return nil
}

// clear zeroes what readBlock sets.
func (st *streamed) clear(size int) {
	switch size {
	case 8:
		st.block = block{}
	default:
		clear(st.block[:size*size])
	}
}

// planeOf is the plane of a component of the scan, whose order may be another
// than the frame's.
func (p *picture) planeOf(c scanComponent) *plane {
	for _, plane := range p.planes {
		if plane.component == c.component {
			return plane
		}
	}
	return nil
}
