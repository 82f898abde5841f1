package look

import (
	"reflect"
	"strings"
	"testing"
)

// hvcc holds one sequence parameter set, given as its bits without the header.
func hvcc(bits string) []byte {
	bits = strings.ReplaceAll(bits, " ", "")
	bits += "1" + strings.Repeat("0", 7-len(bits)%8)
	unit := []byte{0x42, 1}
	for i := 0; i < len(bits); i += 8 {
		b := byte(0)
		for _, c := range bits[i : i+8] {
			b = b<<1 | byte(c-'0')
		}
		if n := len(unit); n > 3 && unit[n-1] == 0 && unit[n-2] == 0 && b <= 3 {
			unit = append(unit, 3)
		}
		unit = append(unit, b)
	}
	head := make([]byte, 22)
	head[16] = 0xfd // 4:2:0
	return box("hvcC", head, []byte{1, 33}, u16(1, uint16(len(unit))), unit)
}

// ue is an Exp-Golomb code.
func ue(v int) string {
	s := ""
	for x := v + 1; x > 0; x >>= 1 {
		s = string('0'+rune(x&1)) + s
	}
	return strings.Repeat("0", len(s)-1) + s
}

// sps is a parameter set up to the video usability information.
func sps(layers int, scaling, references, vui string) string {
	s := "0000 " + map[int]string{0: "000", 1: "001"}[layers] + "1" + strings.Repeat("0", 96)
	if layers == 1 {
		s += "11" + strings.Repeat("0", 14) + strings.Repeat("0", 96)
	}
	s += ue(0) + ue(1) + ue(304) + ue(208) + "1" + ue(0) + ue(2) + ue(1) + ue(3) + ue(0) + ue(0) + ue(4) + "1"
	s += strings.Repeat(ue(0), 3*(layers+1)) + strings.Repeat(ue(2), 6)
	return s + scaling + "11" + "1" + "01110111" + ue(0) + ue(1) + "1" + references + "0" + "11" + vui
}

func TestHEVCColour(t *testing.T) {
	// Aspect ratio, overscan, and the signal: full range, primaries 12, matrix 6.
	signal := "1 101 1 1 00001100 00001101 00000110"
	all := "1" + "1 11111111" + strings.Repeat("0000000000000010", 2) + "11" + signal
	lists := "11" + strings.Repeat("0"+ue(0), 6) + strings.Repeat("1"+strings.Repeat(ue(3), 64), 6) +
		strings.Repeat("1"+strings.Repeat(ue(3), 65), 6) + strings.Repeat("0"+ue(1), 2)
	for _, c := range []struct {
		name   string
		hvcC   []byte
		matrix int
		full   bool
	}{
		{"full range", hvcc(sps(0, "0", ue(0), "1 0 0 "+signal)), 6, true},
		{"aspect ratio and overscan", hvcc(sps(0, "0", ue(0), all)), 6, true},
		{"sub-layers", hvcc(sps(1, "0", ue(0), all)), 6, true},
		{"default lists", hvcc(sps(0, "10", ue(0), all)), 6, true},
		{"lists", hvcc(sps(0, lists, ue(0), all)), 6, true},
		{"reference sets", hvcc(sps(0, "0", ue(2)+ue(1)+ue(0)+ue(0)+"1"+"0"+ue(0)+ue(1)+ue(0)+"1", all)), 6, true},
		{"predicted reference sets", hvcc(sps(0, "0", ue(2)+ue(0)+ue(0)+"1", all)), 2, false},
		{"no signal type", hvcc(sps(0, "0", ue(0), "1000")), 2, false},
		{"none", hvcc(sps(0, "0", ue(0), "0")), 2, false},
		{"cut off", hvcc(sps(0, "0", ue(0), all)[:200]), 2, false},
		{"another unit", box("hvcC", make([]byte, 22), []byte{1, 32}, u16(1, 3), []byte("abc")), 2, false},
		{"damaged", box("hvcC", make([]byte, 22), []byte{255, 33, 255, 255, 255, 255}), 2, false},
	} {
		f, err := Look(simple("heic", "hvc1", c.hvcC).bytes())
		if err != nil || f.HEIF.Matrix != c.matrix || f.HEIF.FullRange != c.full {
			t.Errorf("%s: %+v %v", c.name, f.HEIF, err)
		}
	}
	f, _ := Look(simple("heic", "hvc1", hvcc(sps(0, "0", ue(0), all)), nclx(9, 16, 9, 0)).bytes())
	if f.HEIF.Matrix != 9 || f.HEIF.FullRange || *f.Coding != (Coding{9, 16, 9, false}) {
		t.Errorf("the nclx box goes first: %+v", f.HEIF)
	}
}

// TestContradiction declares another size than the bit stream has: libheif
// would take what lies behind the picture for a part of it.
func TestContradiction(t *testing.T) {
	stream := hvcc(sps(0, "0", ue(0), "0"))
	h := simple("heic", "hvc1", stream)
	if _, err := Look(h.bytes()); err != nil {
		t.Error(err)
	}
	for _, size := range [][2]uint32{{304, 208}, {300, 201}, {30, 20}} {
		h.properties[0] = ispe(size[0], size[1])
		if _, err := Look(h.bytes()); err == nil || !strings.Contains(err.Error(), "contradict") {
			t.Errorf("%v: %v", size, err)
		}
	}
	p := phone() // its second tile has another size than declared
	p.properties = append(p.properties, stream)
	p.of = [][]byte{assoc(1, 1, 0x82), assoc(2, 3, 4), assoc(3, 3, 4, 7)}
	if _, err := Look(p.bytes()); err == nil || !strings.Contains(err.Error(), "contradict") {
		t.Errorf("a tile: %v", err)
	}
}

func TestSteps(t *testing.T) {
	clap := func(v ...uint32) []byte { return box("clap", u32(v...)) }
	for _, c := range []struct {
		name  string
		props [][]byte
		w, h  int
		steps []Step
	}{
		{"none", nil, 300, 200, nil},
		{"a quarter", [][]byte{box("irot", []byte{1})}, 200, 300, []Step{{Rotate: 1}}},
		{"a half", [][]byte{box("irot", []byte{2})}, 300, 200, []Step{{Rotate: 2}}},
		{"no turn", [][]byte{box("irot", []byte{0})}, 300, 200, nil},
		{"mirrors", [][]byte{box("imir", []byte{0}), box("imir", []byte{1})}, 300, 200, []Step{{Mirror: 1}, {Mirror: 2}}},
		{"crop and turn", [][]byte{clap(100, 1, 50, 1, 0xffffffce, 1, 10, 2), box("irot", []byte{3})}, 50, 100,
			[]Step{{Crop: Crop{50, 80, 100, 50}}, {Rotate: 3}}},
		{"crop of an odd number", [][]byte{clap(299, 1, 200, 1, 1, 2, 0, 1)}, 299, 200, []Step{{Crop: Crop{1, 0, 299, 200}}}},
		{"crop between pixels", [][]byte{clap(299, 1, 200, 1, 0, 1, 0, 1)}, 300, 200, nil},
		{"crop outside", [][]byte{clap(100, 1, 100, 1, 101, 1, 0, 1)}, 300, 200, nil},
		{"crop by nothing", [][]byte{clap(100, 0, 100, 1, 0, 1, 0, 1)}, 300, 200, nil},
		{"crop cut off", [][]byte{clap(100, 1, 100, 1)}, 300, 200, nil},
		{"hostile crop", [][]byte{clap(1, 1, 1, 1, 0x7fffffff, 0xffffffff, 0x80000000, 0xffffffff)}, 300, 200, nil},
	} {
		f, err := Look(simple("avif", "av01", c.props...).bytes())
		if err != nil || f.Width != c.w || f.Height != c.h || !reflect.DeepEqual(f.HEIF.Steps, c.steps) {
			t.Errorf("%s: %d x %d %+v %v", c.name, f.Width, f.Height, f.HEIF, err)
		}
	}
}

// phone is a grid of two tiles with opacity, as phones write them: colours and
// parameter sets are the tiles'.
func phone() heif {
	return heif{
		brand: "heic",
		items: [][]byte{infe(1, "grid"), infe(2, "hvc1"), infe(3, "hvc1"), infe(4, "hvc1"), infe(5, "hvc1")},
		properties: [][]byte{ispe(1000, 500), box("irot", []byte{3}), ispe(512, 512), nclx(12, 13, 6, 1),
			fullBox("auxC", 0, 0, []byte("urn:mpeg:hevc:2015:auxid:2\x00")), fullBox("auxC", 0, 0, []byte("urn:mpeg:hevc:2015:auxid:1\x00"))},
		of: [][]byte{assoc(1, 1, 0x82), assoc(2, 3, 4), assoc(3, 3, 4), assoc(4, 5), assoc(5, 6)},
		references: [][]byte{box("dimg", u16(1, 2, 2, 3)), box("auxl", u16(4, 1, 1)), box("auxl", u16(5, 1, 1)),
			box("prem", u16(1, 1, 5))},
		extents: map[uint16][2]uint32{1: {100, 8}, 2: {100, 10}, 3: {110, 10}, 5: {120, 10}},
		data:    make([]byte, 64),
	}
}

func TestGridAndAlpha(t *testing.T) {
	data := phone().bytes()
	f, err := Look(data)
	if err != nil || f.Width != 500 || f.Height != 1000 || f.HEIF.Codec != "hevc" || f.HEIF.Matrix != 6 || !f.HEIF.FullRange || f.Coding.Primaries != 12 {
		t.Fatalf("%+v %+v %v", f, f.HEIF, err)
	}
	h := f.HEIF
	if !h.Alpha || h.AlphaID != 5 || !h.Premultiplied || h.PrimaryBytes != 2 || be.Uint16(data[h.PrimaryAt:]) != 1 || string(data[h.PrimaryAt-8:h.PrimaryAt-4]) != "pitm" {
		t.Errorf("opacity: %+v", h)
	}
	// Behind a slice of a larger file the place is the same.
	g, _ := Look(append(make([]byte, 0, 9999), data...))
	if g.HEIF.PrimaryAt != h.PrimaryAt {
		t.Errorf("the place of the primary image's number: %d, %d", g.HEIF.PrimaryAt, h.PrimaryAt)
	}
}

// TestMonochrome finds the properties of luma alone, of the picture and of its
// opacity, and their bits.
func TestMonochrome(t *testing.T) {
	config := func(chroma, bits byte) []byte {
		head := make([]byte, 23)
		head[16], head[17] = 0xfc|chroma, 0xf8|(bits-8)
		return box("hvcC", head)
	}
	p := phone()
	p.properties = append(p.properties, config(1, 8), config(0, 10))
	p.of = [][]byte{assoc(1, 1, 0x82), assoc(2, 3, 4, 7), assoc(3, 3, 4, 7), assoc(5, 6, 8)}
	data := p.bytes()
	f, err := Look(data)
	if err != nil || f.HEIF.Bits != 8 || f.HEIF.AlphaBits != 10 || f.HEIF.Matrix != 6 || len(f.HEIF.MonoAt) != 1 || data[f.HEIF.MonoAt[0]] != 0xfc {
		t.Errorf("opacity: %+v %v", f.HEIF, err)
	}
	f, err = Look(simple("heic", "hvc1", nclx(1, 13, 0, 1), config(0, 8)).bytes())
	if err != nil || f.HEIF.Matrix != unspecified || len(f.HEIF.MonoAt) != 1 {
		t.Errorf("grey: %+v %v", f.HEIF, err)
	}
}

func TestCutOff(t *testing.T) {
	p := phone()
	whole := uint32(len(p.bytes()))
	for _, c := range []struct {
		name   string
		item   uint16
		end    uint32
		refuse bool
	}{{"whole", 3, whole, false}, {"a tile", 3, whole + 1, true}, {"opacity", 5, whole + 1, true}, {"depth", 4, whole + 1, false}} {
		p := phone()
		p.extents[4] = [2]uint32{0, 1}
		more := whole - uint32(len(phone().bytes())) + 14 // the entry of item 4
		p.extents[c.item] = [2]uint32{c.end + more - 10, 10}
		_, err := Look(p.bytes())
		if (err != nil) != c.refuse || err != nil && !strings.Contains(err.Error(), "cut off") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	data := phone().bytes()
	for n := 30; n < len(data)-80; n += 7 {
		if _, err := Look(data[:n]); err == nil || !strings.Contains(err.Error(), "cut off") {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	if _, err := Look(data[:24]); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a header alone: %v", err)
	}
	movie := join(data[:24], box("moov"))
	if _, err := Look(movie); err == nil || !strings.Contains(err.Error(), "sequence") {
		t.Errorf("a sequence: %v", err)
	}
}
