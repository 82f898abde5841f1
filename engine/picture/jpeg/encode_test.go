package jpeg

// writing says how a sketch is written.
type writing struct {
	progressive bool
	script      []scriptScan // nil: one scan of all components
	restart     int
	before      []byte // segments behind the start marker
	fill        int    // fill bytes before markers
	frame       byte   // marker, 0 for what fits
	tail        []byte // instead of the end marker
	precision   byte   // of the quantisation tables
	noTables    bool   // an abbreviated stream
}

type scriptScan struct {
	comps      []int
	start, end int
	high, low  uint
}

// quantTable is in zigzag order; table 1 is coarser.
func quantTable(n byte, k int) int { return 2 + k/6 + 3*int(n) }

type writer struct {
	out  []byte
	acc  uint64
	n    uint
	fill int
}

func (w *writer) marker(m byte, segment ...byte) {
	for range w.fill {
		w.out = append(w.out, 0xFF)
	}
	w.out = append(w.out, 0xFF, m)
	if m != markerSOI && m != markerEOI && (m < markerRST0 || m > markerRST0+7) {
		n := len(segment) + 2
		w.out = append(w.out, byte(n>>8), byte(n))
		w.out = append(w.out, segment...)
	}
}

func (w *writer) bits(v int, n uint) {
	for i := int(n) - 1; i >= 0; i-- {
		w.acc = w.acc<<1 | uint64(v>>i&1)
		if w.n++; w.n == 8 {
			w.out = append(w.out, byte(w.acc))
			if byte(w.acc) == 0xFF {
				w.out = append(w.out, 0)
			}
			w.acc, w.n = 0, 0
		}
	}
}

func (w *writer) flush() {
	for w.n != 0 {
		w.bits(1, 1)
	}
}

// Symbols by the lengths of their codes: some short, most long, so that every
// way through the tables is taken.
var (
	testSymbols = func() (all []byte) {
		all = []byte{0x01, 0x00, 0x02, 0x11, 0x03, 0x21, 0x31, 0x04, 0x12, 0xF0}
		for v := range 256 {
			known := false
			for _, a := range all {
				known = known || a == byte(v)
			}
			if !known {
				all = append(all, byte(v))
			}
		}
		return all
	}()
	testCounts = [16]byte{2: 4, 4: 6, 7: 30, 11: 100, 15: 116}
	testCodes  = newTestCodes(testSymbols, testCounts)

	testDCSymbols = []byte{3, 4, 5, 2, 6, 1, 0, 7, 8, 9, 10, 11}
	testDCCounts  = [16]byte{1: 2, 2: 2, 3: 2, 8: 1, 9: 2, 12: 3}
	testDCCodes   = newTestCodes(testDCSymbols, testDCCounts)
)

// testCode is the code of each value, and its length.
type testCode [256]struct {
	code int
	n    uint
}

func newTestCodes(symbols []byte, counts [16]byte) (t testCode) {
	code, k := 0, 0
	for l, n := range counts {
		for range n {
			t[symbols[k]].code, t[symbols[k]].n = code, uint(l+1)
			code++
			k++
		}
		code <<= 1
	}
	return t
}

func (w *writer) symbol(v byte) { w.bits(testCodes[v].code, testCodes[v].n) }

func size(v int) (n uint) {
	for v = max(v, -v); v > 0; v >>= 1 {
		n++
	}
	return n
}

// value writes the extra bits of v.
func (w *writer) value(v int, n uint) {
	if v < 0 {
		v += 1<<n - 1
	}
	w.bits(v, n)
}

func (w *writer) tables(precision byte) {
	for n := range byte(2) {
		seg := []byte{precision<<4 | n}
		for k := range 64 {
			q := quantTable(n, k)
			if precision > 0 {
				seg = append(seg, byte(q>>8))
			}
			seg = append(seg, byte(q))
		}
		w.marker(markerDQT, seg...)
	}
	var seg []byte // both DC tables in one segment, as many writers have them
	for id := range byte(2) {
		seg = append(append(append(seg, id), testDCCounts[:]...), testDCSymbols...)
	}
	w.marker(markerDHT, seg...)
	for id := range byte(2) {
		seg := append([]byte{0x10 | id}, testCounts[:]...)
		w.marker(markerDHT, append(seg, testSymbols...)...)
	}
}

// write encodes the sketch.
func (s *sketch) write(o writing) []byte {
	w := &writer{fill: o.fill}
	w.out = append(w.out, 0xFF, markerSOI)
	w.out = append(w.out, o.before...)
	if !o.noTables {
		w.tables(o.precision)
	}
	m := byte(markerSOF1)
	if o.progressive {
		m = markerSOF2
	}
	if o.frame != 0 {
		m = o.frame
	}
	seg := []byte{8, byte(s.h >> 8), byte(s.h), byte(s.w >> 8), byte(s.w), byte(len(s.comps))}
	for _, c := range s.comps {
		seg = append(seg, c.id, byte(c.h<<4|c.v), c.tq)
	}
	w.marker(m, seg...)
	if o.restart > 0 {
		w.marker(markerDRI, byte(o.restart>>8), byte(o.restart))
	}
	if o.script == nil {
		o.script = []scriptScan{{comps: []int{0, 1, 2, 3}[:len(s.comps)], end: 63}}
	}
	for _, sc := range o.script {
		s.writeScan(w, o, sc)
	}
	if o.tail != nil {
		return append(w.out, o.tail...)
	}
	w.marker(markerEOI)
	return w.out
}

func (s *sketch) writeScan(w *writer, o writing, sc scriptScan) {
	seg := []byte{byte(len(sc.comps))}
	for _, i := range sc.comps {
		seg = append(seg, s.comps[i].id, s.comps[i].tq<<4|s.comps[i].tq)
	}
	w.marker(markerSOS, append(seg, byte(sc.start), byte(sc.end), byte(sc.high<<4|sc.low))...)
	e := &scanWriter{writer: w, scriptScan: sc, progressive: o.progressive}
	mcus := 0
	next := func() {
		if o.restart > 0 && mcus > 0 && mcus%o.restart == 0 {
			e.endBand()
			w.flush()
			w.marker(markerRST0 + byte(mcus/o.restart-1)&7)
			e.dc = [4]int{}
		}
		mcus++
	}
	if len(sc.comps) == 1 {
		c := &s.comps[sc.comps[0]]
		for y := range c.blocksY {
			for x := range c.blocksX {
				next()
				e.block(sc.comps[0], &c.blocks[y*c.paddedX+x])
			}
		}
	} else {
		first := &s.comps[sc.comps[0]]
		for y := range first.paddedY / first.v {
			for x := range first.paddedX / first.h {
				next()
				for _, i := range sc.comps {
					c := &s.comps[i]
					for by := range c.v {
						for bx := range c.h {
							e.block(i, &c.blocks[(y*c.v+by)*c.paddedX+x*c.h+bx])
						}
					}
				}
			}
		}
	}
	e.endBand()
	w.flush()
}

type scanWriter struct {
	*writer
	scriptScan
	progressive bool
	dc          [4]int
	run         int   // blocks without anything new
	pending     []int // correction bits of those
}

func (e *scanWriter) block(i int, b *[64]int) {
	switch {
	case !e.progressive:
		e.difference(i, b[0])
		e.sequential(b)
	case e.start == 0 && e.high == 0:
		e.difference(i, b[0]>>e.low)
	case e.start == 0:
		e.bits(b[0]>>e.low&1, 1)
	case e.high == 0:
		e.first(b)
	default:
		e.refine(b)
	}
}

func (e *scanWriter) difference(i, v int) {
	d := v - e.dc[i]
	e.dc[i] = v
	n := size(d)
	e.bits(testDCCodes[n].code, testDCCodes[n].n)
	e.value(d, n)
}

func (e *scanWriter) sequential(b *[64]int) {
	run := 0
	for k := 1; k < 64; k++ {
		if b[k] == 0 {
			run++
			continue
		}
		for ; run > 15; run -= 16 {
			e.symbol(0xF0)
		}
		n := size(b[k])
		e.symbol(byte(run<<4) | byte(n))
		e.value(b[k], n)
		run = 0
	}
	if run > 0 {
		e.symbol(0)
	}
}

// shifted is v without its lowest bits, towards zero.
func shifted(v int, low uint) int {
	if v < 0 {
		return -(-v >> low)
	}
	return v >> low
}

func (e *scanWriter) endBand() {
	if e.run > 0 {
		n := size(e.run) - 1
		e.symbol(byte(n << 4))
		e.bits(e.run&(1<<n-1), n)
		e.run = 0
	}
	for _, bit := range e.pending {
		e.bits(bit, 1)
	}
	e.pending = nil
}

func (e *scanWriter) first(b *[64]int) {
	run := 0
	for k := e.start; k <= e.end; k++ {
		v := shifted(b[k], e.low)
		if v == 0 {
			run++
			continue
		}
		e.endBand()
		for ; run > 15; run -= 16 {
			e.symbol(0xF0)
		}
		n := size(v)
		e.symbol(byte(run<<4) | byte(n))
		e.value(v, n)
		run = 0
	}
	if run > 0 {
		if e.run++; e.run == 0x7FFF {
			e.endBand()
		}
	}
}

func (e *scanWriter) refine(b *[64]int) {
	last := e.start - 1 // the last that becomes new
	for k := e.start; k <= e.end; k++ {
		if v := shifted(b[k], e.low); v == 1 || v == -1 {
			last = k
		}
	}
	run := 0
	var corrections []int
	flush := func() {
		for _, bit := range corrections {
			e.bits(bit, 1)
		}
		corrections = nil
	}
	for k := e.start; k <= e.end; k++ {
		v := shifted(b[k], e.low)
		switch {
		case v == 0:
			run++
		case v != 1 && v != -1:
			corrections = append(corrections, max(v, -v)&1)
		}
		if k > last {
			continue
		}
		if v == 0 && run == 16 {
			e.endBand()
			e.symbol(0xF0)
			flush()
			run = 0
		}
		if v == 1 || v == -1 {
			e.endBand()
			e.symbol(byte(run<<4) | 1)
			e.bits((v+1)/2, 1)
			flush()
			run = 0
		}
	}
	if run > 0 || len(corrections) > 0 {
		e.run++
		e.pending = append(e.pending, corrections...)
		if e.run == 0x7FFF {
			e.endBand()
		}
	}
}
