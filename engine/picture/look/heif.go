package look

import (
	"bytes"
	"strings"

	"likeness/engine/picture/raster"
)

// HEIF says how the primary image of a HEIC or AVIF file is to be decoded. Its
// names in JSON are those that the page's decoder takes.
type HEIF struct {
	Codec string `json:"codec"` // "hevc" or "av1"
	// StoredWidth and StoredHeight are before Steps.
	StoredWidth  int `json:"storedWidth"`
	StoredHeight int `json:"storedHeight"`
	// Matrix and FullRange say how YCbCr becomes RGB (ITU-T H.273 section 8.3):
	// by the nclx box, else by the video usability information of HEVC. Matrix
	// is 2 where neither tells.
	Matrix    int  `json:"matrix"`
	FullRange bool `json:"fullRange"`
	// Bits are those of a sample of the picture and of its opacity in HEVC, 8 to
	// 15; 0 for other codecs.
	Bits      int `json:"bits"`
	AlphaBits int `json:"alphaBits"`
	// Steps turn and crop the decoded pixels, in this order. libheif applies
	// them itself, libavif does not.
	Steps []Step `json:"steps"`
	// Alpha tells that there is an image of opacity. For HEVC it is decoded as a
	// primary image of its own, in a copy of the file with the AlphaID written
	// at PrimaryAt, in PrimaryBytes (2 or 4) big-endian bytes.
	Alpha        bool   `json:"alpha"`
	AlphaID      uint32 `json:"alphaId"`
	PrimaryAt    int    `json:"primaryAt"`
	PrimaryBytes int    `json:"primaryBytes"`
	// MonoAt are the places of bytes in which 1 must be added, in a copy of the
	// file, for libheif to give pictures of luma alone: they make it ask its HEVC
	// decoder's result for (grey) chroma.
	MonoAt []int `json:"monoAt"`
	// Premultiplied tells that colours were multiplied by opacity.
	Premultiplied bool `json:"premultiplied"`
}

// Step is a turn or a crop: exactly one field is not zero.
type Step struct {
	Rotate int  `json:"rotate"` // quarter turns anticlockwise, 1 to 3 (irot)
	Mirror int  `json:"mirror"` // 1 swaps top and bottom, 2 left and right (imir)
	Crop   Crop `json:"crop"`   // clap
}

// Crop is a rectangle of pixels.
type Crop struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// isHEIF tells still pictures of the ISO base media format by their brands
// (ISO/IEC 23008-12 section 10, AVIF section 8).
func isHEIF(data []byte) bool {
	if len(data) < 12 || string(data[4:8]) != "ftyp" {
		return false
	}
	for kind, b := range boxes(data) {
		if kind != "ftyp" || len(b) < 4 {
			return false
		}
		for i := 0; i+4 <= len(b); i += 4 {
			if i != 4 && isHEIFBrand(string(b[i:i+4])) { // the second is a version
				return true
			}
		}
		return false
	}
	return false
}

func isHEIFBrand(brand string) bool {
	switch brand {
	case "heic", "heix", "hevc", "hevx", "heim", "heis", "hevm", "hevs", "mif1", "mif2", "msf1", "avif", "avis", "avio":
		return true
	}
	return false
}

func hasBrand(data []byte, brands string) bool {
	for _, b := range boxes(data) {
		for i := 0; i+4 <= len(b); i += 4 {
			if i != 4 && strings.Contains(brands, string(b[i:i+4])) {
				return true
			}
		}
		break
	}
	return false
}

func lookHEIF(data []byte, f *Facts) error {
	f.Format = "heic"
	if hasBrand(data, "avif avis avio") {
		f.Format = "avif"
	}
	f.Animated = hasBrand(data, "hevc hevx avis msf1")
	m := readMeta(data)
	kind := m.itemType(m.primary)
	switch cut := cutBox(data); {
	case cut == "meta", kind == "" && cut != "":
		return raster.CutOff(f.Format)
	case kind == "" && m.movie:
		return raster.Unsupported(f.Format, "a sequence without a still picture")
	case kind == "":
		return raster.Damaged(f.Format, "it has no table of contents")
	}
	items, coded, kind := m.coded(m.primary)
	h := &HEIF{Matrix: unspecified}
	switch kind {
	case "hvc1", "hev1":
		f.Format, h.Codec = "heic", "hevc"
	case "av01":
		f.Format, h.Codec = "avif", "av1"
	default:
		return raster.Unsupported("heif", codingName(kind))
	}
	f.HEIF = h
	own := m.of(m.primary)
	m.size(own, f)
	colour := own
	if !has(own, "colr") {
		colour = m.of(coded)
	}
	f.colours(colour)
	if h.Codec == "hevc" {
		if q, ok := readSequence(m.of(coded)); ok && f.Coding == nil {
			h.Matrix, h.FullRange = q.matrix, q.fullRange
		}
		m.monochrome(h, m.of(coded))
		h.Bits = hevcBits(m.of(coded))
	}
	items = append(items, m.opacity(h)...)
	switch {
	case !m.present(items):
		return raster.CutOff(f.Format)
	case h.Codec == "hevc" && !m.consistent(items):
		return raster.Damaged(f.Format, "its sizes contradict each other")
	}
	return nil
}

// coded follows a derived image (a grid, an overlay, an identity) to the first
// image with a bit stream. It returns all items that are needed, that image,
// and its type.
func (m *meta) coded(item uint32) (items []uint32, coded uint32, kind string) {
	items = append(items, item)
	kind = m.itemType(item)
	for range 4 { // derived images of derived images
		if kind != "grid" && kind != "iovl" && kind != "iden" {
			break
		}
		tiles := m.references("dimg", item)
		if len(tiles) == 0 {
			break
		}
		items = append(items, tiles...)
		item = tiles[0]
		kind = m.itemType(item)
	}
	return items, item, kind
}

func codingName(kind string) string {
	switch kind {
	case "vvc1", "vvi1":
		return "VVC coding"
	case "avc1":
		return "AVC coding"
	case "jpeg":
		return "JPEG coding inside HEIF"
	case "j2k1":
		return "JPEG 2000 coding"
	case "unci":
		return "uncompressed coding"
	case "grid", "iovl", "iden":
		return "a derived image without its parts"
	}
	return "a coding that is not known"
}

func has(list []property, kind string) bool {
	for _, p := range list {
		if p.kind == kind {
			return true
		}
	}
	return false
}

// size takes the size and the steps from the properties of the primary image.
func (m *meta) size(list []property, f *Facts) {
	f.Width, f.Height = declaredSize(list)
	f.HEIF.StoredWidth, f.HEIF.StoredHeight = f.Width, f.Height
	for _, p := range list {
		r := reader{b: p.body}
		var s Step
		switch p.kind {
		case "irot":
			s.Rotate = r.u8() & 3
			if s.Rotate&1 != 0 {
				f.Width, f.Height = f.Height, f.Width
			}
		case "imir":
			s.Mirror = 1 + r.u8()&1
		case "clap":
			if c, ok := cleanAperture(p.body, f.Width, f.Height); ok {
				s.Crop = c
				f.Width, f.Height = c.W, c.H
			}
		}
		if s != (Step{}) && !r.short {
			f.HEIF.Steps = append(f.HEIF.Steps, s)
		}
	}
}

// declaredSize reads the property ispe; 0 if it is missing.
func declaredSize(list []property) (w, h int) {
	for _, p := range list {
		if r := (reader{b: p.body}); p.kind == "ispe" {
			r.full()
			w, h = side(uint64(r.u32())), side(uint64(r.u32()))
		}
	}
	return w, h
}

// cleanAperture reads a crop: the width, the height and the offsets of the
// centre from the picture's centre, as fractions (ISO/IEC 14496-12 section
// 12.1.4). One that is not of whole pixels or not within the picture is none.
func cleanAperture(body []byte, w, h int) (c Crop, ok bool) {
	r := reader{b: body}
	var v [8]int64
	for i := range v {
		v[i] = int64(r.u32())
	}
	// The offsets may be negative.
	v[4], v[6] = int64(int32(v[4])), int64(int32(v[6]))
	if r.short || v[1] == 0 || v[3] == 0 || v[5] == 0 || v[7] == 0 || v[0]%v[1] != 0 || v[2]%v[3] != 0 {
		return c, false
	}
	x, okX := apertureStart(int64(w), v[0]/v[1], v[4], v[5])
	y, okY := apertureStart(int64(h), v[2]/v[3], v[6], v[7])
	c = Crop{int(x), int(y), int(v[0] / v[1]), int(v[2] / v[3])}
	return c, okX && okY
}

// apertureStart returns where n of whole pixels begin, their centre being
// num/den off the whole's: (whole-n)/2 + num/den.
func apertureStart(whole, n, num, den int64) (int64, bool) {
	if n <= 0 || n > whole || num < -1<<31 || num > 1<<31 || den > 1<<31 {
		return 0, false
	}
	twice := (whole-n)*den + 2*num // below 1<<63: each side is below 1<<31
	if twice%(2*den) != 0 {
		return 0, false
	}
	at := twice / (2 * den)
	return at, at >= 0 && at <= whole-n
}

// colours takes the ICC profile and the code points.
func (f *Facts) colours(list []property) {
	for _, p := range list {
		if p.kind != "colr" || len(p.body) < 4 {
			continue
		}
		switch string(p.body[:4]) {
		case "prof", "rICC":
			if f.Profile == nil && len(p.body) > 4 {
				f.Profile = p.body[4:]
			}
		case "nclx":
			r := reader{b: p.body[4:]}
			c := Coding{r.u16(), r.u16(), r.u16(), r.u8()&0x80 != 0}
			if f.Coding == nil && !r.short {
				f.Coding = &c
				f.HEIF.Matrix, f.HEIF.FullRange = c.Matrix, c.FullRange
			}
		}
	}
}

// opacity finds the auxiliary image of the primary one that holds opacity, and
// returns the items that it needs. Others hold depth or a gain map.
func (m *meta) opacity(h *HEIF) []uint32 {
	const most = 16 // auxiliary images that are looked at: the work is bounded
	auxiliary := m.referring("auxl", m.primary)
	for _, item := range auxiliary[:min(len(auxiliary), most)] {
		for _, p := range m.of(item) {
			if p.kind != "auxC" || len(p.body) < 4 || !isAlpha(p.body[4:]) {
				continue
			}
			h.Alpha, h.AlphaID = true, item
			h.PrimaryAt, h.PrimaryBytes = m.primaryField()
			for _, to := range m.references("prem", m.primary) {
				h.Premultiplied = h.Premultiplied || to == item
			}
			items, coded, _ := m.coded(item)
			h.AlphaBits = hevcBits(m.of(coded))
			return items
		}
	}
	return nil
}

func isAlpha(urn []byte) bool {
	name, _, _ := bytes.Cut(urn, []byte{0})
	return string(name) == "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" || string(name) == "urn:mpeg:hevc:2015:auxid:1"
}

// primaryField returns where in the file the number of the primary image
// stands, and its bytes.
func (m *meta) primaryField() (at, size int) {
	for kind, b := range boxes(m.file) {
		if kind != "meta" || len(b) < 4 {
			continue
		}
		for kind, b := range boxes(b[4:]) {
			if kind == "pitm" && len(b) >= 6 {
				size = 2
				if b[0] > 0 && len(b) >= 8 {
					size = 4
				}
				return m.place(b) + 4, size
			}
		}
		break
	}
	return 0, 0
}

// place tells where in the file a box's body stands: boxes share the file's
// memory up to its end.
func (m *meta) place(body []byte) int { return cap(m.file) - cap(body) }

// monochrome finds the HEVC properties that declare luma alone (ISO/IEC
// 14496-15 section 8.3.3.1); where the primary image's own does, no matrix is
// needed.
func (m *meta) monochrome(h *HEIF, own []property) {
	const at = 16 // of the byte whose last two bits are chroma_format_idc
	mono := func(p property) bool { return p.kind == "hvcC" && len(p.body) > at && p.body[at]&3 == 0 }
	for _, p := range m.properties {
		if mono(p) {
			h.MonoAt = append(h.MonoAt, m.place(p.body)+at)
		}
	}
	for _, p := range own {
		if mono(p) {
			h.Matrix = unspecified
		}
	}
}
