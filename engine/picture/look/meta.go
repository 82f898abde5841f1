package look

// meta is the table of contents of a HEIF file (ISO/IEC 23008-12): the boxes
// of its meta box, unparsed but for the first.
type meta struct {
	file             []byte
	movie            bool // there is a sequence too
	primary          uint32
	iinf, iref, iloc []byte
	idat             []byte
	ipma             [][]byte
	properties       []property // of ipco, numbered from 1
}

type property struct {
	kind string
	body []byte
}

func readMeta(file []byte) meta {
	m := meta{file: file}
	seen := false
	for kind, b := range boxes(file) {
		switch {
		case kind == "moov":
			m.movie = true
		case kind == "meta" && len(b) >= 4 && !seen:
			seen = true
			m.read(b[4:])
		}
	}
	return m
}

func (m *meta) read(b []byte) {
	for kind, b := range boxes(b) {
		switch kind {
		case "pitm":
			r := reader{b: b}
			version, _ := r.full()
			m.primary = r.id(version > 0)
		case "iinf":
			m.iinf = b
		case "iref":
			m.iref = b
		case "iloc":
			m.iloc = b
		case "idat":
			m.idat = b
		case "iprp":
			for kind, b := range boxes(b) {
				switch kind {
				case "ipco":
					for kind, b := range boxes(b) {
						m.properties = append(m.properties, property{kind, b})
					}
				case "ipma":
					m.ipma = append(m.ipma, b)
				}
			}
		}
	}
}

// itemType returns the type of an item, "" if there is no such item.
func (m *meta) itemType(item uint32) string {
	r := reader{b: m.iinf}
	if version, _ := r.full(); version == 0 {
		r.u16()
	} else {
		r.u32()
	}
	for kind, b := range boxes(r.b) {
		if kind != "infe" {
			continue
		}
		r := reader{b: b}
		version, _ := r.full()
		if version < 2 || r.id(version > 2) != item {
			continue
		}
		r.u16() // protection
		if name := r.take(4); !r.short {
			return string(name)
		}
	}
	return ""
}

// of returns the properties of an item in their order, as ipma has it.
func (m *meta) of(item uint32) (found []property) {
	m.eachAssociation(func(id uint32, list reader, count, width int) bool {
		if id == item {
			found = m.pick(list, count, width)
		}
		return id != item
	})
	return found
}

// consistent tells whether the coded images among the items have the size that
// is declared for them. libheif takes the two for equal and would go astray.
func (m *meta) consistent(items []uint32) bool {
	wanted := make(map[uint32]bool, len(items))
	for _, id := range items {
		wanted[id] = true
	}
	good := true
	m.eachAssociation(func(id uint32, list reader, count, width int) bool {
		if wanted[id] {
			delete(wanted, id)
			properties := m.pick(list, count, width)
			w, h := declaredSize(properties)
			if q, ok := readSequence(properties); ok && (q.width != w || q.height != h) {
				good = false
			}
		}
		return good
	})
	return good
}

// eachAssociation goes through ipma until f returns false.
func (m *meta) eachAssociation(f func(id uint32, list reader, count, width int) bool) {
	for _, b := range m.ipma {
		r := reader{b: b}
		version, flags := r.full()
		for n := r.u32(); n > 0 && !r.short; n-- {
			id, count := r.id(version > 0), r.u8()
			width := 1 + int(flags&1)
			list := reader{b: r.take(count * width)}
			if !r.short && !f(id, list, count, width) {
				return
			}
		}
	}
}

// pick takes the properties whose numbers are listed, each of one or two bytes
// of which the first bit says whether it is essential.
func (m *meta) pick(list reader, count, width int) []property {
	var found []property
	for range count {
		index := list.u8() & 0x7f
		if width == 2 {
			index = index<<8 | list.u8()
		}
		if index >= 1 && index <= len(m.properties) {
			found = append(found, m.properties[index-1])
		}
	}
	return found
}

// references returns the items that item refers to by kind: "dimg" for the
// tiles of a grid.
func (m *meta) references(kind string, item uint32) []uint32 {
	var found []uint32
	m.eachReference(func(k string, from uint32, to []uint32) bool {
		if k == kind && from == item {
			found = to
			return false
		}
		return true
	})
	return found
}

// referring returns the items that refer to item by kind: "auxl" for alpha.
func (m *meta) referring(kind string, item uint32) []uint32 {
	var found []uint32
	m.eachReference(func(k string, from uint32, to []uint32) bool {
		for _, id := range to {
			if k == kind && id == item {
				found = append(found, from)
				break
			}
		}
		return true
	})
	return found
}

func (m *meta) eachReference(f func(kind string, from uint32, to []uint32) bool) {
	r := reader{b: m.iref}
	version, _ := r.full()
	for kind, b := range boxes(r.b) {
		r := reader{b: b}
		from, n := r.id(version > 0), r.u16()
		size := 2
		if version > 0 {
			size = 4
		}
		if r.short || n*size > len(r.b) {
			continue
		}
		to := make([]uint32, n)
		for i := range to {
			to[i] = r.id(version > 0)
		}
		if !f(kind, from, to) {
			return
		}
	}
}

// present tells whether all bytes of the given items are in the file (iloc,
// ISO/IEC 14496-12 section 8.11.3). Items without a place in this file are
// not looked into.
func (m *meta) present(items []uint32) bool {
	wanted := make(map[uint32]bool, len(items))
	for _, id := range items {
		wanted[id] = true
	}
	r := reader{b: m.iloc}
	version, _ := r.full()
	sizes := r.u16()
	count := uint32(0)
	if version < 2 {
		count = uint32(r.u16())
	} else {
		count = r.u32()
	}
	for ; count > 0 && !r.short; count-- {
		id := r.id(version >= 2)
		method := 0
		if version > 0 {
			method = r.u16() & 15
		}
		elsewhere := r.u16() != 0
		base := r.uint(sizes >> 4 & 15)
		for extents := r.u16(); extents > 0 && !r.short; extents-- {
			if version > 0 {
				r.uint(sizes & 15)
			}
			at, size := base+r.uint(sizes>>12&15), r.uint(sizes>>8&15)
			whole := uint64(len(m.file))
			if method == 1 {
				whole = uint64(len(m.idat))
			}
			if wanted[id] && !elsewhere && method < 2 && (at > whole || size > whole-at) {
				return false
			}
		}
	}
	return true
}
