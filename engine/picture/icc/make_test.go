package icc

import "unicode/utf16"

// tagged is one tag of a profile.
type tagged struct {
	name string
	data []byte
}

// build makes a profile of a colour space and a connection space.
func build(version byte, space, pcs string, tags ...tagged) []byte {
	b := make([]byte, headerSize)
	b[8] = version
	copy(b[12:], "mntr")
	copy(b[16:], space)
	copy(b[20:], pcs)
	copy(b[36:], "acsp")
	for i, v := range []uint32{0xf6d6, 0x10000, 0xd32d} {
		be.PutUint32(b[68+4*i:], v)
	}
	b = be.AppendUint32(b, uint32(len(tags)))
	at := len(b) + tagSize*len(tags)
	var body []byte
	for _, t := range tags {
		b = append(b, t.name...)
		b = be.AppendUint32(b, uint32(at+len(body)))
		b = be.AppendUint32(b, uint32(len(t.data)))
		body = append(body, t.data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	b = append(b, body...)
	be.PutUint32(b, uint32(len(b)))
	return b
}

func s15(v float64) []byte {
	if v < 0 {
		return be.AppendUint32(nil, uint32(int32(v*65536-0.5)))
	}
	return be.AppendUint32(nil, uint32(int32(v*65536+0.5)))
}

func xyz(v [3]float64) []byte {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, x := range v {
		b = append(b, s15(x)...)
	}
	return b
}

func curv(v ...uint16) []byte {
	b := be.AppendUint32([]byte("curv\x00\x00\x00\x00"), uint32(len(v)))
	for _, x := range v {
		b = be.AppendUint16(b, x)
	}
	return b
}

func para(kind uint16, v ...float64) []byte {
	b := be.AppendUint16([]byte("para\x00\x00\x00\x00"), kind)
	b = append(b, 0, 0)
	for _, x := range v {
		b = append(b, s15(x)...)
	}
	return b
}

// desc is the description of version 2.
func desc(s string) tagged {
	b := be.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(s)+1))
	return tagged{"desc", append(append(b, s...), make([]byte, 79)...)}
}

// mluc is the description of version 4.
func mluc(s string) tagged {
	units := utf16.Encode([]rune(s))
	b := []byte("mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS")
	b = be.AppendUint32(b, uint32(2*len(units)))
	b = be.AppendUint32(b, 28)
	for _, u := range units {
		b = be.AppendUint16(b, u)
	}
	return tagged{"desc", b}
}

// rgb is a matrix profile with one curve for all channels.
func rgb(version byte, name tagged, colorants [3][3]float64, trc []byte) []byte {
	return build(version, "RGB ", "XYZ ", name,
		tagged{"rXYZ", xyz(colorants[0])}, tagged{"gXYZ", xyz(colorants[1])}, tagged{"bXYZ", xyz(colorants[2])},
		tagged{"rTRC", trc}, tagged{"gTRC", trc}, tagged{"bTRC", trc})
}

// The published colorants, adapted to D50.
var (
	standard  = [3][3]float64{{.43607, .22249, .01392}, {.38515, .71687, .09708}, {.14307, .06061, .7141}}
	displayP3 = [3][3]float64{{.51512, .2412, -.00105}, {.29198, .69225, .04189}, {.1571, .06657, .78407}}
	adobeRGB  = [3][3]float64{{.60974, .31111, .01947}, {.20528, .62567, .06087}, {.14919, .06322, .74457}}
	proPhoto  = [3][3]float64{{.79767, .28804, 0}, {.13519, .71188, 0}, {.03134, .00008, .8249}}
)

// The curve of sRGB in the four forms that occur.
var srgbPara = para(3, 2.4, 1/1.055, .055/1.055, 1/12.92, .04045)

func srgbTable(n int) []byte {
	v := make([]uint16, n)
	for i := range v {
		v[i] = uint16(sRGB.at(float64(i)/float64(n-1))*65535 + 0.5)
	}
	return curv(v...)
}

// sShaped is a table of 17 that is no power.
func sShaped() []byte {
	v := make([]uint16, 17)
	for i := range v {
		x := float64(i) / 16
		v[i] = uint16(65535 * x * x * (3 - 2*x))
	}
	return curv(v...)
}

// profiles are those whose results are kept, see TestAgainstLittleCMS.
var profiles = map[string][]byte{
	"Display P3":        rgb(4, mluc("Display P3"), displayP3, srgbPara),
	"Adobe RGB (1998)":  rgb(2, desc("Adobe RGB (1998)"), adobeRGB, curv(0x0233)),
	"ProPhoto":          rgb(2, desc("ProPhoto"), proPhoto, para(3, 1.8, 1, 0, 1.0/16, 1.0/32)),
	"P3, table of 1024": rgb(2, desc("P3"), displayP3, srgbTable(1024)),
	"table of 17":       rgb(2, desc("s"), adobeRGB, sShaped()),
	"linear":            rgb(2, desc("linear"), standard, curv()),
	"gamma 2.2":         rgb(4, mluc("gamma"), standard, para(0, 2.2)),
	"function 1":        rgb(4, mluc("1"), displayP3, para(1, 2, 1.1, -.1)),
	"function 2":        rgb(4, mluc("2"), displayP3, para(2, 3, .9, .05, .02)),
	"function 4":        rgb(4, mluc("4"), displayP3, para(4, 2.4, .94, .05, .2, .05, .005, .003)),
	"grey, gamma 1.8":   build(2, "GRAY", "XYZ ", desc("grey"), tagged{"kTRC", curv(0x01cd)}),
	"grey, Lab":         build(2, "GRAY", "Lab ", desc("grey"), tagged{"kTRC", curv()}),
}
