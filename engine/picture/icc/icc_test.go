package icc

import (
	"bytes"
	"errors"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"likeness/engine/picture/look"
)

// colours are those whose results are kept.
var colours = [][3]byte{{0, 0, 0}, {255, 255, 255}, {128, 128, 128}, {17, 17, 17}, {200, 100, 50}, {50, 150, 90},
	{30, 60, 220}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {3, 9, 5}, {240, 230, 200}}

// littleCMS has what Little CMS 2.14 gives for colours (for grey profiles, for
// their first channels), relative colorimetric, without its optimisations.
var littleCMS = map[string][][3]int{
	"Adobe RGB (1998)":  {{0, 0, 0}, {255, 255, 255}, {129, 129, 129}, {9, 9, 9}, {227, 100, 42}, {0, 151, 86}, {0, 57, 225}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {0, 2, 1}, {244, 231, 200}},
	"Display P3":        {{0, 0, 0}, {255, 255, 255}, {128, 128, 128}, {17, 17, 17}, {215, 93, 31}, {0, 153, 84}, {17, 61, 229}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {2, 9, 5}, {242, 230, 196}},
	"P3, table of 1024": {{0, 0, 0}, {255, 255, 255}, {128, 128, 128}, {17, 17, 17}, {215, 93, 31}, {0, 153, 84}, {17, 61, 229}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {2, 9, 5}, {242, 230, 196}},
	"ProPhoto":          {{0, 0, 0}, {255, 255, 255}, {146, 146, 146}, {21, 21, 21}, {255, 80, 47}, {0, 181, 97}, {0, 82, 241}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {0, 9, 3}, {255, 233, 206}},
	"function 1":        {{0, 0, 0}, {255, 255, 255}, {125, 125, 125}, {0, 0, 0}, {216, 85, 0}, {0, 151, 73}, {0, 45, 230}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {0, 0, 0}, {243, 230, 197}},
	"function 2":        {{39, 39, 39}, {241, 241, 241}, {107, 107, 107}, {40, 40, 40}, {193, 75, 38}, {0, 130, 69}, {39, 55, 209}, {255, 0, 11}, {0, 245, 0}, {39, 39, 251}, {39, 39, 39}, {226, 212, 175}},
	"function 4":        {{10, 10, 10}, {253, 253, 253}, {128, 128, 128}, {26, 26, 26}, {213, 93, 36}, {0, 152, 85}, {26, 63, 227}, {255, 0, 0}, {0, 255, 0}, {10, 10, 255}, {14, 26, 19}, {240, 228, 195}},
	"gamma 2.2":         {{0, 0, 0}, {255, 255, 255}, {129, 129, 129}, {9, 9, 9}, {201, 100, 46}, {46, 151, 90}, {24, 57, 221}, {255, 0, 0}, {1, 255, 0}, {0, 0, 255}, {0, 2, 1}, {240, 231, 201}},
	"grey, Lab":         {{0, 0, 0}, {255, 255, 255}, {119, 119, 119}, {21, 21, 21}, {194, 194, 194}, {47, 47, 47}, {31, 31, 31}, {255, 255, 255}, {0, 0, 0}, {0, 0, 0}, {4, 4, 4}, {238, 238, 238}},
	"grey, gamma 1.8":   {{0, 0, 0}, {255, 255, 255}, {146, 146, 146}, {21, 21, 21}, {210, 210, 210}, {65, 65, 65}, {40, 40, 40}, {255, 255, 255}, {0, 0, 0}, {0, 0, 0}, {1, 1, 1}, {243, 243, 243}},
	"linear":            {{0, 0, 0}, {255, 255, 255}, {188, 188, 188}, {73, 73, 73}, {229, 168, 122}, {122, 202, 160}, {96, 133, 239}, {255, 0, 0}, {1, 255, 0}, {0, 0, 255}, {28, 53, 38}, {248, 244, 229}},
	"table of 17":       {{0, 0, 0}, {255, 255, 255}, {188, 188, 188}, {30, 30, 30}, {255, 158, 85}, {0, 208, 142}, {0, 105, 253}, {255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {1, 19, 11}, {255, 252, 240}},
}

func TestAgainstLittleCMS(t *testing.T) {
	for name, p := range profiles {
		tr, err := Parse(p)
		if err != nil || tr == nil {
			t.Errorf("%s: %v %v", name, tr, err)
			continue
		}
		for i, c := range colours {
			if tr.Grey() {
				c[1], c[2] = c[0], c[0]
			}
			got := c
			tr.Convert(got[:], 3)
			for k, want := range littleCMS[name][i] {
				if d := int(got[k]) - want; d < -1 || d > 1 {
					t.Errorf("%s: %v becomes %v, want %v", name, c, got, littleCMS[name][i])
					break
				}
			}
		}
	}
}

// TestPublishedMatrices compares with the linear conversions that CSS Color 4
// publishes. Profiles store
// colorants in steps of 1/65536.
func TestPublishedMatrices(t *testing.T) {
	p3 := matrix{{1.22494018, -.22494018, 0}, {-.04205695, 1.04205695, 0}, {-.01963755, -.07863605, 1.0982736}}
	adobe := matrix{{1.39835574, -.39835574, 0}, {0, 1, 0}, {0, -.04292898, 1.04292898}}
	rec2020 := matrix{{1.66049100, -.58764114, -.07284986}, {-.12455047, 1.13289990, -.00834942}, {-.01815076, -.10057890, 1.11872966}}
	coded := func(primaries int) *Transform {
		tr, err := FromCoding(primaries, 13)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	parsed := func(name string) *Transform {
		tr, err := Parse(profiles[name])
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	for _, c := range []struct {
		name      string
		t         *Transform
		want      matrix
		tolerance float64
	}{
		{"Display P3", parsed("Display P3"), p3, 3e-4},
		{"Adobe RGB", parsed("Adobe RGB (1998)"), adobe, 3e-4},
		{"Display P3 by code points", coded(12), p3, 1e-7},
		{"BT.2020 by code points", coded(9), rec2020, 1e-7},
	} {
		for i := range c.want {
			for j, want := range c.want[i] {
				if got := float64(c.t.m[i][j]) / (1 << matrixShift); math.Abs(got-want) > c.tolerance {
					t.Errorf("%s: element %d, %d is %.8f, want %.8f", c.name, i, j, got, want)
				}
			}
		}
	}
}

func TestSRGBIsLeftAlone(t *testing.T) {
	for name, p := range map[string][]byte{
		"function":      rgb(4, mluc("sRGB"), standard, srgbPara),
		"table of 1024": rgb(2, desc("sRGB IEC61966-2.1"), standard, srgbTable(1024)),
		"table of 26":   rgb(2, desc("sRGB, compact"), standard, srgbTable(26)),
		"grey":          build(4, "GRAY", "XYZ ", mluc("grey"), tagged{"kTRC", srgbPara}),
	} {
		if tr, err := Parse(p); tr != nil || err != nil {
			t.Errorf("%s: %v %v", name, tr != nil, err)
		}
	}
	for _, transfer := range []int{1, 2, 6, 13} {
		if tr, err := FromCoding(1, transfer); tr != nil || err != nil {
			t.Errorf("code points 1, %d: %v %v", transfer, tr != nil, err)
		}
	}
	if tr, err := FromCoding(1, 8); tr == nil || err != nil {
		t.Errorf("linear light: %v", err)
	}
}

func TestConvertLeavesOpacity(t *testing.T) {
	tr, err := Parse(profiles["Display P3"])
	if err != nil {
		t.Fatal(err)
	}
	pix := []byte{200, 100, 50, 7, 200, 100, 50, 9, 1, 2, 3}
	tr.Convert(pix, 4)
	if !bytes.Equal(pix[3:4], []byte{7}) || pix[7] != 9 || pix[0] == 200 || !bytes.Equal(pix[:3], pix[4:7]) || !bytes.Equal(pix[8:], []byte{1, 2, 3}) {
		t.Errorf("%v", pix)
	}
}

func TestUnapplied(t *testing.T) {
	lut := tagged{"A2B0", append([]byte("mft2"), make([]byte, 60)...)}
	ok := profiles["Display P3"]
	cut := bytes.Clone(ok)
	be.PutUint32(cut[headerSize:], 1<<31)
	outside := bytes.Clone(ok)
	for i := range 7 { // every tag begins behind the end
		be.PutUint32(outside[headerSize+4+tagSize*i+4:], 1<<30)
	}
	lab := build(4, "Lab ", "Lab ", mluc("Lab D50"))
	if !IsLab(lab) || IsLab(ok) || IsLab(lab[:100]) || IsLab(nil) {
		t.Error("IsLab")
	}
	curveOf := func(trc []byte) []byte { return rgb(4, mluc("c"), displayP3, trc) }
	for _, c := range []struct {
		name string
		data []byte
		says string
	}{
		{"lookup table", build(2, "RGB ", "Lab ", desc("Scanner 3"), lut), `"Scanner 3" is a lookup table, which is not applied`},
		{"inks", build(2, "CMYK", "Lab ", desc("Coated FOGRA39"), lut), `"Coated FOGRA39" is for the inks of a printer`},
		{"Lab", build(4, "Lab ", "Lab ", mluc("Lab D50"), lut), `"Lab D50" is for CIELAB`},
		{"other", build(4, "6CLR", "Lab ", lut), "its colour profile is for neither RGB nor grey"},
		{"matrix missing", build(4, "RGB ", "XYZ ", mluc("päper \u0007\"x\"")), `"päper x" lacks a matrix`},
		{"grey without curve", build(4, "GRAY", "XYZ "), "lacks a curve"},
		{"empty", nil, "is damaged"},
		{"header", ok[:130], "is damaged"},
		{"no mark", make([]byte, 300), "is damaged"},
		{"tags cut off", cut, "is damaged"},
		{"tags outside", outside, "lacks a matrix"},
		{"size below the header", append(be.AppendUint32(nil, 8), ok[4:]...), "is damaged"},
		{"curve cut off", curveOf(curv(1, 2, 3)[:14]), "is damaged"},
		{"curve of a type", curveOf([]byte("abcd\x00\x00\x00\x00\x00\x00\x00\x00")), "is damaged"},
		{"function unknown", curveOf(para(5, 1, 1, 1, 1, 1, 1, 1)), "is damaged"},
		{"function cut off", curveOf(para(3, 1, 1)), "is damaged"},
		{"function 1 with a = 0", curveOf(para(1, 2, 0, 1)), "is damaged"},
		{"negative gamma", curveOf(para(0, -1)), "is damaged"},
	} {
		tr, err := Parse(c.data)
		var u *Unapplied
		if tr != nil || !errors.As(err, &u) || !strings.Contains(err.Error(), c.says) || !strings.HasSuffix(err.Error(), "not applied") {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
	for _, code := range [][2]int{{9, 16}, {9, 18}, {1, 17}, {11, 13}, {255, 13}} {
		if tr, err := FromCoding(code[0], code[1]); tr != nil || err == nil {
			t.Errorf("code points %v: %v", code, err)
		}
	}
	if tr, err := Parse(build(2, "RGB ", "XYZ ", append([]tagged{lut}, tagsOf(ok)...)...)); tr == nil || err != nil {
		t.Errorf("a matrix beside a lookup table: %v", err)
	}
}

func tagsOf(p []byte) (list []tagged) {
	o, _ := open(p)
	for t := o.tags; len(t) > 0; t = t[tagSize:] {
		list = append(list, tagged{string(t[:4]), o.tag(string(t[:4]))})
	}
	return list
}

// TestPow holds the routine against the standard library's.
func TestPow(t *testing.T) {
	for _, g := range []float64{.1, 1 / 2.4, 1, 1.8, 2.2, 2.4, 7, 100} {
		for i := 1; i < 4000; i++ {
			x := float64(i) / 1999
			if got, want := pow(x, g), math.Pow(x, g); math.Abs(got-want) > 1e-14*max(1, g)*want+1e-300 {
				t.Fatalf("%g to the power of %g: %g, want %g", x, g, got, want)
			}
		}
	}
	if pow(0, 0) != 1 || pow(0, 2) != 0 || pow(-1, 2.2) != 0 || pow(1e-300, 9) != 0 || pow(1e300, 9) <= 1e300 {
		t.Error("edges")
	}
}

// TestBits pins results to the bit: those of all platforms are the same.
func TestBits(t *testing.T) {
	const want = 0x05a8a13e317540ed
	sum := uint64(14695981039346656037)
	for _, name := range []string{"Display P3", "Adobe RGB (1998)", "ProPhoto", "table of 17", "function 4", "grey, Lab"} {
		tr, err := Parse(profiles[name])
		if err != nil {
			t.Fatal(err)
		}
		for i := range 1 << 15 {
			p := [3]byte{byte(i >> 10 << 3), byte(i >> 5 << 3), byte(i << 3)}
			tr.Convert(p[:], 3)
			for _, b := range p {
				sum = (sum ^ uint64(b)) * 1099511628211
			}
		}
	}
	if sum != want {
		t.Errorf("%#x, want %#x", sum, uint64(want))
	}
}

// TestSharedCases converts pictures that are not in the repository and
// compares them with the one they were made from.
func TestSharedCases(t *testing.T) {
	shared := os.Getenv("LIKENESS_SHARED")
	if shared == "" {
		t.Skip("LIKENESS_SHARED names no folder")
	}
	decode := func(name string) (image.Image, []byte) {
		data, err := os.ReadFile(filepath.Join(shared, "cases", "pictures", name))
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		return m, data
	}
	want, _ := decode("base_small.png")
	for _, name := range []string{"icc_p3.jpg", "icc_adobe_like.jpg", "icc_wide.png"} {
		m, data := decode(name)
		f, err := look.Look(data)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := Parse(f.Profile)
		if err != nil || tr == nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		before, after := 0, 0
		b := m.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				p, q := rgbAt(m, x, y), rgbAt(want, x, y)
				before += distance(p, q)
				tr.Convert(p[:], 3)
				after += distance(p, q)
			}
		}
		n := float64(3 * b.Dx() * b.Dy())
		t.Logf("%s: mean distance %.2f before, %.2f after", name, float64(before)/n, float64(after)/n)
		if after*2 > before {
			t.Errorf("%s: the conversion does not lead to the original", name)
		}
	}
}

func rgbAt(m image.Image, x, y int) [3]byte {
	r, g, b, _ := m.At(x, y).RGBA()
	return [3]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)}
}

func distance(p, q [3]byte) (d int) {
	for i := range p {
		d += max(int(p[i])-int(q[i]), int(q[i])-int(p[i]))
	}
	return d
}

func FuzzParse(f *testing.F) {
	for _, p := range profiles {
		f.Add(p)
	}
	f.Add(build(2, "RGB ", "XYZ ", desc("x")))
	f.Add(profiles["Display P3"][:200])
	f.Fuzz(func(t *testing.T, data []byte) {
		tr, err := Parse(data)
		var u *Unapplied
		if err != nil && (!errors.As(err, &u) || tr != nil || len(u.Name) > 4*longestName) {
			t.Errorf("%v", err)
		}
		if tr == nil {
			return
		}
		pix := append(bytes.Clone(data), 255, 255, 255)
		tr.Convert(pix, 3)
	})
}
