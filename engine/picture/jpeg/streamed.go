package jpeg

// streamed reads the one scan of a sequential file row by row.
type streamed struct {
	*picture
	bits  bitReader
	scan  *scan
	units []unit
	dc    []int32 // predictions
	left  int     // MCUs to the next restart marker
	count int     // restart markers so far
	block block
}

// unit is one block of an MCU.
type unit struct {
	plane  *plane
	tables *tables
	dc     *int32
	x, y   int // in blocks, within the MCU
	at     int // where its samples go in the next MCU
	step   int // from one MCU to the next
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
	st.newPlanes()
	st.dc = make([]int32, len(st.scan.comps))
	for i, c := range st.scan.comps {
		t, err := st.header.tables(c)
		if err != nil {
			return err
		}
		for j := range c.h * c.v {
			st.units = append(st.units, unit{
				plane: st.planeOf(c), tables: t, dc: &st.dc[i],
				x: j % c.h, y: j / c.h, step: c.h * c.keep.size,
			})
		}
	}
	st.bits.open(st.data, st.scan.at, st.scan.blocks())
	st.left = st.restart
	return nil
}

// row puts one row of MCUs into the planes.
func (st *streamed) row(y int) error {
	for i := range st.units {
		u := &st.units[i]
		u.at = u.plane.offset(u.x, y*u.plane.v+u.y)
	}
	for range st.frame.mcusX {
		if err := st.mcu(); err != nil {
			return err
		}
	}
	if y == st.frame.mcusY-1 {
		return st.bits.endScan()
	}
	return nil
}

func (st *streamed) mcu() error {
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
	if st.frame.scale == 1 {
		if !st.readMeans() {
			return st.bits.failure(badCode)
		}
		return nil
	}
	for i := range st.units {
		u := &st.units[i]
		keep := u.plane.keep
		if keep.size == 8 {
			st.block = block{}
		} else if keep.size > 1 {
			clear(st.block[:keep.size*keep.size])
		}
		if !st.bits.readBlock(&st.block, u.tables, keep, u.dc) {
			return st.bits.failure(badCode)
		}
		u.plane.put(&st.block, u.at)
		u.at += u.step
	}
	return nil
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
