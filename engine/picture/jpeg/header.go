package jpeg

// header is what the segments before a scan have set.
type header struct {
	stream
	quant       [4]*[64]uint16 // in rows of 8
	dcCodes     [4]*codes
	acCodes     [4]*codes
	dc          [4]*dcTable // made when a scan wants them
	ac          [4]*acTable
	skip        [4]*skipTable
	restart     int // MCUs in a restart interval, 0 for none
	frame       *frame
	jfif, adobe bool
	transform   byte // of Adobe's marker
}

// readTables reads an abbreviated stream of tables only. That it may lack its
// end marker does no harm.
func (h *header) readTables(data []byte) error {
	h.stream = stream{data: data}
	for {
		marker, segment, ok := h.next()
		if !ok || marker == markerEOI {
			return nil
		}
		if marker == markerDQT || marker == markerDHT || marker == markerDRI {
			if err := h.readMisc(marker, segment); err != nil {
				return err
			}
		}
	}
}

// readFrame reads up to the first scan and returns its header.
func (h *header) readFrame() (sos []byte, err error) {
	for {
		marker, segment, ok := h.next()
		switch {
		case !ok:
			return nil, cutOff()
		case marker == markerEOI:
			return nil, damaged("it ends before its picture")
		case marker == markerSOS && h.frame == nil:
			return nil, damaged("a scan comes before the frame header")
		case marker == markerSOS:
			return segment, nil
		}
		if err := h.readMisc(marker, segment); err != nil {
			return nil, err
		}
	}
}

// readMisc reads any segment but that of a scan.
func (h *header) readMisc(marker byte, segment []byte) error {
	if name := refusedFrame(marker); name != "" {
		return unsupported(name)
	}
	switch marker {
	case markerSOF0, markerSOF1, markerSOF2:
		if h.frame != nil {
			return damaged("it has two frames")
		}
		f, err := parseFrame(marker, segment)
		h.frame = f
		return err
	case markerDHT:
		return h.readHuffman(segment)
	case markerDQT:
		return h.readQuant(segment)
	case markerDRI:
		if len(segment) != 2 {
			return damaged("the restart interval has a wrong length")
		}
		h.restart = int(segment[0])<<8 | int(segment[1])
	case markerDNL:
		// The height is known: what this says is the same or wrong.
	case markerAPP0:
		h.jfif = h.jfif || len(segment) >= 5 && string(segment[:5]) == "JFIF\x00"
	case markerAPP14:
		if len(segment) >= 12 && string(segment[:5]) == "Adobe" {
			h.adobe, h.transform = true, segment[11]
		}
	}
	return nil
}

func (h *header) readQuant(segment []byte) error {
	for len(segment) > 0 {
		precision, id := segment[0]>>4, segment[0]&15
		size := 64 << precision
		if precision > 1 || id > 3 || len(segment) < 1+size {
			return damaged("a quantisation table is wrong")
		}
		q := new([64]uint16)
		for k, z := range zigzag {
			if precision == 0 {
				q[z] = uint16(segment[1+k])
			} else {
				q[z] = uint16(segment[1+2*k])<<8 | uint16(segment[2+2*k])
			}
		}
		h.quant[id] = q
		segment = segment[1+size:]
	}
	return nil
}

func (h *header) readHuffman(segment []byte) error {
	for len(segment) > 0 {
		class, id := segment[0]>>4, segment[0]&15
		if class > 1 || id > 3 {
			return damaged("a Huffman table has an unknown class or number")
		}
		c, rest, err := newCodes(segment[1:])
		if err != nil {
			return err
		}
		if class == 0 {
			h.dcCodes[id], h.dc[id] = c, nil
		} else {
			h.acCodes[id], h.ac[id], h.skip[id] = c, nil, nil
		}
		segment = rest
	}
	return nil
}

// scan is what an SOS segment says (T.81 B.2.3) and where its data begins.
type scan struct {
	comps      []scanComponent
	start, end int // spectral selection
	high, low  uint
	at         int
	dropped    bool // not needed for the shown size
}

type scanComponent struct {
	*component
	td, ta byte
}

// parseScan reads the header of a scan of h.frame.
func (h *header) parseScan(segment []byte) (*scan, error) {
	wrong := damaged("a scan header is wrong")
	if len(segment) < 1 || segment[0] < 1 || segment[0] > 4 || len(segment) < 4+2*int(segment[0]) {
		return nil, wrong
	}
	n := int(segment[0])
	s := &scan{comps: make([]scanComponent, n), at: h.pos}
	for i := range s.comps {
		c := &s.comps[i]
		for j := range h.frame.comps {
			if h.frame.comps[j].id == segment[1+2*i] {
				c.component = &h.frame.comps[j]
			}
		}
		c.td, c.ta = segment[2+2*i]>>4, segment[2+2*i]&15
		if c.component == nil || c.td > 3 || c.ta > 3 {
			return nil, wrong
		}
		for _, other := range s.comps[:i] {
			if other.component == c.component {
				return nil, wrong
			}
		}
	}
	rest := segment[1+2*n:]
	s.start, s.end, s.high, s.low = int(rest[0]), int(rest[1]), uint(rest[2]>>4), uint(rest[2]&15)
	if !h.frame.progressive {
		// Some writers leave zeros here: what a sequential scan holds is known.
		s.start, s.end, s.high, s.low = 0, 63, 0, 0
		return s, nil
	}
	switch {
	case s.end > 63 || s.start > s.end, s.start == 0 && s.end != 0, s.start > 0 && n > 1,
		s.low > 13, s.high != 0 && s.high != s.low+1:
		return nil, wrong
	}
	return s, nil
}

// latch keeps the quantisation tables that stand when the first scan of a
// component begins.
func (s *scan) latch(h *header) error {
	for _, c := range s.comps {
		if c.quant == nil {
			if c.quant = h.quant[c.tq]; c.quant == nil {
				return damaged("a quantisation table is missing")
			}
		}
	}
	return nil
}

// tables makes what a component's blocks are read with.
func (h *header) tables(c scanComponent) (*tables, error) {
	t := &tables{dcCodes: h.dcCodes[c.td], acCodes: h.acCodes[c.ta]}
	if t.dcCodes == nil || t.acCodes == nil {
		return nil, damaged("a Huffman table is missing")
	}
	if h.dc[c.td] == nil {
		h.dc[c.td] = t.dcCodes.dcTable()
	}
	if c.keep.last > 0 && h.ac[c.ta] == nil {
		h.ac[c.ta] = t.acCodes.acTable()
	}
	if c.keep.last < 63 && h.skip[c.ta] == nil {
		h.skip[c.ta] = t.acCodes.skipTable()
	}
	t.dc, t.ac, t.skip = h.dc[c.td], h.ac[c.ta], h.skip[c.ta]
	return t, nil
}

// blocks is the number of blocks in an MCU of the scan.
func (s *scan) blocks() int {
	if len(s.comps) == 1 {
		return 1
	}
	n := 0
	for _, c := range s.comps {
		n += c.h * c.v
	}
	return n
}
