package jpeg

// blockReader reads what a scan holds of one block of its i-th component: its
// coefficients, and which of the block's are not zero.
type blockReader func(i int, b []int16, nonzero *uint64) bool

// readScan reads one scan into the coefficients.
func (st *stored) readScan(s *scan) error {
	st.bits.open(st.data, s.at, s.blocks())
	read, reset, err := st.blockReader(s)
	if err != nil {
		return err
	}
	left, count := st.restart, 0
	next := func() error {
		if st.restart > 0 {
			if left == 0 {
				if err := st.bits.nextInterval(count); err != nil {
					return err
				}
				count++
				left = st.restart
				reset()
			}
			left--
		}
		if !st.bits.ready() {
			return st.bits.failure(shortage)
		}
		return nil
	}
	if len(s.comps) == 1 {
		err = st.readSingle(s, next, read)
	} else {
		err = st.readInterleaved(s, next, read)
	}
	if err != nil {
		return err
	}
	return st.bits.endScan()
}

// readSingle reads the blocks of one component: only those that hold picture.
func (st *stored) readSingle(s *scan, next func() error, read blockReader) error {
	c := st.coefficients(s.comps[0].component)
	for y := range c.blocksY {
		for x := range c.blocksX {
			if err := next(); err != nil {
				return err
			}
			if b, nonzero := c.block(x, y); !read(0, b, nonzero) {
				return st.bits.failure(badCode)
			}
		}
	}
	return nil
}

func (st *stored) readInterleaved(s *scan, next func() error, read blockReader) error {
	for y := range st.frame.mcusY {
		for x := range st.frame.mcusX {
			if err := next(); err != nil {
				return err
			}
			for i, sc := range s.comps {
				c := st.coefficients(sc.component)
				for by := y * c.v; by < (y+1)*c.v; by++ {
					for bx := x * c.h; bx < (x+1)*c.h; bx++ {
						if b, nonzero := c.block(bx, by); !read(i, b, nonzero) {
							return st.bits.failure(badCode)
						}
					}
				}
			}
		}
	}
	return nil
}

func (st *stored) coefficients(c *component) *coefficients {
	for i := range st.comps {
		if st.comps[i].component == c {
			return &st.comps[i]
		}
	}
	return nil
}

// blockReader chooses how the blocks of a scan are read; reset is called at
// each restart.
func (st *stored) blockReader(s *scan) (read blockReader, reset func(), err error) {
	switch {
	case !st.frame.progressive:
		return st.sequentialReader(s)
	case s.start == 0 && s.high == 0:
		return st.dcFirst(s)
	case s.start == 0:
		bit := int16(1) << s.low
		return func(_ int, b []int16, _ *uint64) bool {
			st.bits.refill()
			b[0] |= int16(st.bits.take(1)) * bit
			return true
		}, func() {}, nil
	}
	codes := st.acCodes[s.comps[0].ta]
	if codes == nil {
		return nil, nil, damaged("a Huffman table is missing")
	}
	b := &band{bits: &st.bits, codes: codes, symbols: codes.symbolTable(), keep: s.comps[0].keep, start: s.start, end: s.end, low: s.low}
	reset = func() { b.run = 0 }
	if s.high == 0 {
		return func(_ int, c []int16, nonzero *uint64) bool { return b.first(c, nonzero) }, reset, nil
	}
	return func(_ int, c []int16, nonzero *uint64) bool { return b.refine(c, nonzero) }, reset, nil
}

func (st *stored) sequentialReader(s *scan) (blockReader, func(), error) {
	var all []*tables
	for _, c := range s.comps {
		t, err := st.header.tables(c)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, t)
	}
	dc := make([]int32, len(s.comps))
	return func(i int, b []int16, _ *uint64) bool {
		clear(st.work[:len(b)])
		ok := st.bits.readBlock(&st.work, all[i], s.comps[i].keep, &dc[i])
		copy(b, st.work[:])
		return ok
	}, func() { clear(dc) }, nil
}

func (st *stored) dcFirst(s *scan) (blockReader, func(), error) {
	all := make([]*tables, len(s.comps))
	for i, c := range s.comps {
		t := &tables{dcCodes: st.dcCodes[c.td]}
		if t.dcCodes == nil {
			return nil, nil, damaged("a Huffman table is missing")
		}
		t.dc = t.dcCodes.dcTable()
		all[i] = t
	}
	dc := make([]int32, len(s.comps))
	return func(i int, b []int16, _ *uint64) bool {
		st.bits.refill()
		diff, ok := st.bits.readDC(all[i])
		dc[i] += diff
		b[0] = int16(dc[i] << s.low)
		return ok
	}, func() { clear(dc) }, nil
}
