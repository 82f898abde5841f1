package jpeg

// maxScans is the most scans that are read. A progressive file that sends each
// component of a YCbCr picture in 4 bands of 4 bit planes has 52; writers make
// 6 to 14. A scan of a few bytes can stand for a whole picture of work.
const maxScans = 64

// stored reads a file of several scans: all coefficients that matter are
// collected first.
type stored struct {
	*picture
	bits  bitReader
	sos   []byte // of the first scan
	scans []*scan
	comps []coefficients
	work  block
}

// coefficients are those of one component, block after block.
type coefficients struct {
	*component
	stride int // kept of a block: those of keep, in its order
	all    []int16
	// nonzero has a bit for each coefficient of a block, by zigzag index; it is
	// empty if no scan of AC coefficients is read.
	nonzero []uint64
	ac      bool // such a scan is read
}

// block is what is known of the block in column x and row y.
func (c *coefficients) block(x, y int) (b []int16, nonzero *uint64) {
	at := y*c.paddedX + x
	if c.ac {
		nonzero = &c.nonzero[at]
	}
	return c.all[at*c.stride:][:c.stride], nonzero
}

func (p *picture) openStored(sos []byte) error {
	st := &stored{picture: p, sos: sos}
	complete, err := st.findScans()
	if err != nil {
		return err
	}
	if err := st.plan(complete); err != nil {
		return err
	}
	blocks := 1
	for _, s := range st.scans {
		blocks = max(blocks, s.blocks())
	}
	p.memory = p.baseMemory(blocks)
	for _, c := range st.comps {
		bytes := 2 * c.stride
		if c.ac {
			bytes += 8
		}
		p.memory += int64(bytes) * int64(c.paddedX) * int64(p.frame.mcusY*c.v)
	}
	p.start, p.makeRow = st.readScans, st.row
	return nil
}

// findScans collects the scans; complete says that the end marker is there.
func (st *stored) findScans() (complete bool, err error) {
	h := st.header // a copy: it is only walked
	for segment := st.sos; ; {
		s, err := h.parseScan(segment)
		if err != nil {
			return false, err
		}
		if len(st.scans) == maxScans {
			return false, unsupported("more than 64 scans")
		}
		st.scans = append(st.scans, s)
		for segment = nil; segment == nil; {
			marker, seg, ok := h.next()
			if !ok || marker == markerEOI {
				return ok, nil
			}
			if marker == markerSOS {
				segment = seg
			}
		}
	}
}

// plan checks that the scans make a picture, and drops those that the shown
// size does not need. Where the end marker is missing, all are read, since the
// file may end within any of them.
func (st *stored) plan(complete bool) error {
	st.comps = make([]coefficients, len(st.frame.comps))
	for i := range st.comps {
		c := &st.comps[i]
		c.component = &st.frame.comps[i]
		c.stride = c.keep.size * c.keep.size
		if !st.frame.progressive {
			if !st.has(c.component) {
				return st.missing(complete)
			}
			continue
		}
		exact, err := st.progression(c.component)
		if err != nil {
			return err
		}
		if exact < 0 || !complete && exact < 64 {
			return st.missing(complete)
		}
		c.ac = c.keep.last > 0 || !complete
	}
	if st.frame.progressive && complete {
		st.dropScans()
	}
	return nil
}

func (st *stored) missing(complete bool) error {
	if complete {
		return damaged("a component has no scan")
	}
	return cutOff()
}

func (s *scan) has(c *component) bool {
	for _, sc := range s.comps {
		if sc.component == c {
			return true
		}
	}
	return false
}

func (st *stored) has(c *component) bool {
	for _, s := range st.scans {
		if s.has(c) {
			return true
		}
	}
	return false
}

// progression checks the order of the scans of a component: the DC term first,
// each coefficient once from its upper bits, then bit by bit (T.81 G.1.1.1).
// It returns how many coefficients are given to the last bit, or -1 if the DC
// term is not given at all.
func (st *stored) progression(c *component) (exact int, err error) {
	var known [64]int // bits still missing, plus 1; 0 for nothing known
	for _, s := range st.scans {
		if !s.has(c) {
			continue
		}
		if s.start > 0 && known[0] == 0 {
			return 0, damaged("a scan comes before that of its DC terms")
		}
		for k := s.start; k <= s.end; k++ {
			if s.high == 0 && known[k] != 0 || s.high > 0 && known[k] != int(s.high)+1 {
				return 0, damaged("its scans do not follow each other")
			}
			known[k] = int(s.low) + 1
		}
	}
	if known[0] == 0 {
		return -1, nil
	}
	for _, k := range known {
		if k == 1 {
			exact++
		}
	}
	return exact, nil
}

// lastNeeded is the zigzag index of the last coefficient that has to be read so
// that those of keep are right: a scan that refines some of its band needs all
// of it.
func (st *stored) lastNeeded(c *component) int {
	last := c.keep.last
	for changed := true; changed; {
		changed = false
		for _, s := range st.scans {
			if s.has(c) && s.start <= last && s.start > 0 && s.high > 0 && s.end > last {
				last, changed = s.end, true
			}
		}
	}
	return last
}

// dropScans marks the scans that are not needed and forgets those behind the
// last that is.
func (st *stored) dropScans() {
	used := 0
	for i, s := range st.scans {
		// Only scans that begin with the DC term have several components.
		s.dropped = s.start > st.lastNeeded(s.comps[0].component)
		if !s.dropped {
			used = i + 1
		}
	}
	st.scans = st.scans[:used]
}

// readScans reads all scans that are needed.
func (st *stored) readScans() error {
	for i := range st.comps {
		c := &st.comps[i]
		blocks := c.paddedX * st.frame.mcusY * c.v
		c.all = make([]int16, blocks*c.stride)
		if c.ac {
			c.nonzero = make([]uint64, blocks)
		}
	}
	h := &st.header
	for i, s := range st.scans {
		if i > 0 {
			if err := h.nextScan(); err != nil {
				return err
			}
		}
		if s.dropped {
			continue
		}
		if err := s.latch(h); err != nil {
			return err
		}
		if err := st.readScan(s); err != nil {
			return err
		}
		h.pos = st.bits.at
	}
	st.newPlanes()
	return nil
}

// nextScan reads the segments up to the next scan.
func (h *header) nextScan() error {
	for {
		marker, segment, ok := h.next()
		switch {
		case !ok:
			return cutOff()
		case marker == markerSOS:
			return nil
		}
		if err := h.readMisc(marker, segment); err != nil {
			return err
		}
	}
}

// row puts one row of MCUs into the planes.
func (st *stored) row(y int) error {
	for i, plane := range st.planes {
		c := &st.comps[i]
		for by := y * c.v; by < (y+1)*c.v; by++ {
			for bx := range c.paddedX {
				b, _ := c.block(bx, by)
				copy(st.work[:], b)
				plane.put(&st.work, plane.offset(bx, by))
			}
		}
	}
	return nil
}
