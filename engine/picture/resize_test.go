package picture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"likeness/engine/picture/raster"
)

// pattern makes test pictures with hard cases for resampling.
func pattern(kind string, w, h int) *Pixels {
	rng := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	p := &Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	for y := range h {
		for x := range w {
			v := [4]byte{3: 255}
			switch kind {
			case "noise":
				v = [4]byte{byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32()), 255}
			case "contrast": // noise of black and white: the hardest for overshoots
				if rng.IntN(2) == 0 {
					v = [4]byte{255, 255, 255, 255}
				}
			case "checkers":
				if (x+y)%2 == 0 {
					v = [4]byte{255, 255, 255, 255}
				}
			case "lines":
				if x%7 == 0 || y%5 == 0 {
					v = [4]byte{255, 128, 0, 255}
				}
			case "smooth":
				v = [4]byte{byte(x * 255 / w), byte(y * 255 / h), byte((x + y) * 255 / (w + h)), 255}
			case "white":
				v = [4]byte{255, 255, 255, 255}
			case "alpha":
				v = [4]byte{byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32())}
			case "glass": // opaque but for a window below the middle
				v = [4]byte{byte(rng.Uint32()), byte(x), byte(y), 255}
				if y > h/2 && x > w/3 && x < w/2+1 {
					v[3] = 100
				}
			}
			copy(p.Pix[4*(y*w+x):], v[:])
		}
	}
	return p
}

func prepared(t testing.TB, p Preparation, px *Pixels) []byte {
	t.Helper()
	pr, err := NewPreparer(p, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if err := pr.Load(px); err != nil {
		t.Fatal(err)
	}
	return pr.RGB()
}

func preparation(resize, interpolation string, width, height, side int) Preparation {
	p, _ := Preset("tf")
	p.Resize, p.Interpolation, p.Width, p.Height, p.Side = resize, interpolation, width, height, side
	return p
}

// The same bits on every platform and with every body of the inner loops.
func TestSameBitsEverywhere(t *testing.T) {
	want := map[string]string{
		"bilinear": "bb7d2bb08ed88cfb",
		"bicubic":  "0111184e3a9b9995",
		"nearest":  "795b5d1a246fc6d7",
	}
	for interpolation := range want {
		sum := sha256.New()
		for _, kind := range []string{"noise", "contrast", "lines", "smooth", "alpha", "glass"} {
			for _, s := range [][2]int{{1, 1}, {5, 3}, {32, 31}, {33, 34}, {100, 67}, {333, 500}, {1023, 40}} {
				for _, resize := range []string{"shorter", "stretch"} {
					sum.Write(prepared(t, preparation(resize, interpolation, 32, 29, 37), pattern(kind, s[0], s[1])))
				}
			}
		}
		if got := hex.EncodeToString(sum.Sum(nil)[:8]); got != want[interpolation] {
			t.Errorf("%s: hash %s, want %s", interpolation, got, want[interpolation])
		}
	}
}

// A reused Preparer gives what a new one gives, whatever went before.
func TestReuse(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, interpolation := range Interpolations {
		p := preparation("shorter", interpolation, 24, 20, 28)
		pr, err := NewPreparer(p, 1, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 60 {
			px := pattern([]string{"noise", "alpha", "glass"}[i%3], 1+rng.IntN(90), 1+rng.IntN(90))
			if err := pr.Load(px); err != nil {
				t.Fatal(err)
			}
			if got := pr.RGB(); !bytes.Equal(got, prepared(t, p, px)) {
				t.Fatalf("%s, picture %d of %d x %d: differs from that of a new preparer", interpolation, i, px.W, px.H)
			}
		}
	}
}

func TestCoefficientsSumToOne(t *testing.T) {
	for in := 1; in < 3000; in += 1 + in/3 {
		for _, out := range []int{1, 7, 224, 256, 3000} {
			for _, way := range []struct {
				multiple int
				maxBits  uint
			}{{8, maxBitsX}, {2, maxBitsY}} {
				var f filter
				f.triangleFilter(axis{in, 0, float64(in), 1, out, 0, out}, way.multiple, way.maxBits)
				if f.taps%way.multiple != 0 || f.bits < minBits || f.bits > way.maxBits || f.base != 0 || f.span != in {
					t.Fatalf("%d to %d: %d taps, %d bits, from %d on %d", in, out, f.taps, f.bits, f.base, f.span)
				}
				for o, n := range f.counts {
					sum := 0
					for i, v := range f.coefs[o*f.taps:][:f.taps] {
						sum += int(v)
						if v < 0 || v != 0 && i >= n {
							t.Fatalf("%d to %d: output %d, tap %d is %d", in, out, o, i, v)
						}
					}
					if sum != 1<<f.bits || int(f.first[o])+n > in {
						t.Fatalf("%d to %d: output %d sums to %d", in, out, o, sum)
					}
				}
			}
		}
	}
}

// coefficientError is the most by which the coefficients of a filter can be off
// for any picture, in 1/255: they sum to one, so the worst picture is white
// where they are too large and black elsewhere.
func coefficientError(f *filter) float64 {
	worst, weights := 0.0, f.weights
	for o, n := range f.counts {
		sum := 0.0
		for i, w := range weights[:n] {
			sum += math.Abs(float64(f.coefs[o*f.taps+i])/float64(int(1)<<f.bits) - w)
		}
		worst, weights = max(worst, sum/2*255), weights[n:]
	}
	return worst
}

// With an error below 1/2 less what is rounded away between the passes, the
// result is within 1/255 of Pillow's for every picture: see resampler.
func TestErrorBound(t *testing.T) {
	for _, in := range []int{1, 2, 3, 10, 100, 223, 225, 257, 300, 500, 1000, 3000, 4000, 10000, 20000, raster.MaxSide} {
		var x, y filter
		x.triangleFilter(axis{in, 0, float64(in), 1, 256, 16, 224}, 8, maxBitsX)
		y.triangleFilter(axis{in, 0, float64(in), 1, 256, 16, 224}, 2, maxBitsY)
		ex, ey := coefficientError(&x), coefficientError(&y)
		if total := ex + ey + 1.0/(2<<midBits); total >= 0.4 {
			t.Errorf("%d to 256: error %.3f + %.3f", in, ex, ey)
		} else if in >= 3000 {
			t.Logf("%d to 256: %d and %d bits, at most %.4f + %.4f of 1/255", in, x.bits, y.bits, ex, ey)
		}
	}
}

func TestFlatStaysFlat(t *testing.T) {
	for _, interpolation := range Interpolations {
		p := preparation("shorter", interpolation, 224, 224, 256)
		for _, v := range []byte{0, 1, 127, 254, 255} {
			px := &Pixels{W: 517, H: 300, Pix: bytes.Repeat([]byte{v, v, v, 255}, 517*300)}
			for i, got := range prepared(t, p, px) {
				if got != v {
					t.Fatalf("%s: flat %d became %d at %d", interpolation, v, got, i)
				}
			}
		}
	}
}

func TestResizeNoneTakesPixelsAsTheyAre(t *testing.T) {
	p, _ := Preset("torch")
	p.Resize = ResizeNone
	p.Order = "BGR"
	pr, _ := NewPreparer(p, 0.001, 4)
	px := pattern("noise", 224, 224)
	if err := pr.Load(px); err != nil {
		t.Fatal(err)
	}
	rgb := pr.RGB()
	dst := make([]int16, 224*224*4)
	if err := pr.Prepare(dst, px); err != nil {
		t.Fatal(err)
	}
	for i := range 224 * 224 {
		if !bytes.Equal(rgb[3*i:3*i+3], px.Pix[4*i:4*i+3]) {
			t.Fatalf("pixel %d changed", i)
		}
		want := (float64(px.Pix[4*i+2]) - p.Mean[0]) / p.Std[0] / 0.001
		if got := float64(dst[4*i]); got < want-0.51 || got > want+0.51 || dst[4*i+3] != 0 {
			t.Fatalf("pixel %d: first lane %g, want blue as %g", i, got, want)
		}
	}
}

func TestPresets(t *testing.T) {
	for name, want := range map[string][2]float64{"torch": {-2.1179, 2.2489}, "tf": {-1, 1}, "caffe": {-103.939, 151.061}, "unit": {0, 1}} {
		p, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		const scale = 1.0 / 100
		pr, err := NewPreparer(p, scale, 8)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range []byte{0, 255} {
			dst := make([]int16, 224*224*8)
			if err := pr.Prepare(dst, &Pixels{W: 1, H: 1, Pix: []byte{v, v, v, 255}}); err != nil {
				t.Fatal(err)
			}
			if got := float64(dst[0]) * scale; math.Abs(got-want[i]) > 0.6*scale {
				t.Errorf("%s: %d became %g, want %g", name, v, got, want[i])
			}
		}
	}
	if _, err := Preset("none"); err == nil {
		t.Error("an unknown preset was accepted")
	}
	for _, change := range []func(*Preparation){
		func(p *Preparation) { p.Width = 0 }, func(p *Preparation) { p.Height = 5000 }, func(p *Preparation) { p.Resize = "pad" },
		func(p *Preparation) { p.Side = 100 }, func(p *Preparation) { p.Interpolation = "lanczos" }, func(p *Preparation) { p.Order = "GRB" },
		func(p *Preparation) { p.Std[1] = 0 }, func(p *Preparation) { p.Std[2] = math.NaN() }, func(p *Preparation) { p.Mean[0] = math.Inf(1) },
	} {
		p, _ := Preset("tf")
		change(&p)
		if p.Validate() == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}

func TestSaturates(t *testing.T) {
	p, _ := Preset("caffe")
	pr, _ := NewPreparer(p, 1e-3, 3)
	dst := make([]int16, 224*224*3)
	if err := pr.Prepare(dst, &Pixels{W: 1, H: 1, Pix: []byte{0, 128, 255, 255}}); err != nil {
		t.Fatal(err)
	}
	if dst[0] != math.MaxInt16 || dst[1] != 11221 || dst[2] != -math.MaxInt16 {
		t.Errorf("blue, green, red are %d", dst[:3])
	}
}

func TestAlphaOverWhite(t *testing.T) {
	p, _ := Preset("tf")
	px := &Pixels{W: 2, H: 2, Pix: bytes.Repeat([]byte{0, 100, 200, 51}, 4)}
	rgb := prepared(t, p, px)
	if rgb[0] != 204 || rgb[1] != 224 || rgb[2] != 244 {
		t.Errorf("a fifth of (0, 100, 200) over white gave %v", rgb[:3])
	}
	if px.Pix[0] != 0 || px.Pix[3] != 51 {
		t.Error("the caller's pixels were changed")
	}
	// A picture flattened beforehand gives the same.
	for _, kind := range []string{"alpha", "glass"} {
		for _, interpolation := range Interpolations {
			p := preparation("shorter", interpolation, 30, 30, 33)
			px := pattern(kind, 201, 77)
			flat := &Pixels{W: px.W, H: px.H, Pix: make([]byte, len(px.Pix))}
			over(flat.Pix, px.Pix, white)
			if !bytes.Equal(prepared(t, p, px), prepared(t, p, flat)) {
				t.Errorf("%s, %s: rows over white differ from the picture over white", kind, interpolation)
			}
		}
	}
}

func TestPixelsAreChecked(t *testing.T) {
	p, _ := Preset("tf")
	pr, _ := NewPreparer(p, 1, 3)
	dst := make([]int16, 224*224*3)
	for _, c := range []struct {
		px   Pixels
		code string
	}{
		{Pixels{}, CodeZeroSize}, {Pixels{W: -1, H: 5}, CodeZeroSize},
		{Pixels{W: 1 << 30, H: 1 << 30}, CodeTooLarge}, {Pixels{W: 2, H: 2, Pix: make([]byte, 15)}, CodeCorrupt},
	} {
		if got := code(pr.Prepare(dst, &c.px)); got != c.code {
			t.Errorf("%d x %d, %d bytes: %q, want %q", c.px.W, c.px.H, len(c.px.Pix), got, c.code)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for _, interpolation := range Interpolations {
		pr, _ := NewPreparer(preparation("shorter", interpolation, 32, 32, 36), 1, 8)
		dst := make([]int16, 32*32*8)
		pictures := []*Pixels{pattern("alpha", 90, 70), pattern("noise", 50, 61), pattern("noise", 32, 32)}
		all := func() {
			for _, px := range pictures {
				if err := pr.Prepare(dst, px); err != nil {
					t.Fatal(err)
				}
			}
		}
		all()
		if n := testing.AllocsPerRun(5, all); n != 0 {
			t.Errorf("%s: %g allocations after the first pictures", interpolation, n)
		}
	}
}

func BenchmarkPrepare(b *testing.B) {
	for _, c := range []struct {
		kind          string
		interpolation string
		w, h          int
	}{
		{"smooth", "bilinear", 4000, 3000}, {"alpha", "bilinear", 4000, 3000}, {"smooth", "bicubic", 4000, 3000},
		{"smooth", "bilinear", 500, 375}, {"smooth", "bilinear", 224, 224},
	} {
		b.Run(fmt.Sprintf("%dx%d/%s/%s", c.w, c.h, c.kind, c.interpolation), func(b *testing.B) {
			pr, _ := NewPreparer(preparation("shorter", c.interpolation, 224, 224, 256), 1.0/2040, 4)
			px := pattern(c.kind, c.w, c.h)
			dst := make([]int16, 224*224*4)
			for b.Loop() {
				if err := pr.Prepare(dst, px); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Pixels of four lanes are written at once where they are aligned: the same
// numbers as one after the other, and as among eight lanes.
func TestPrepareLanes(t *testing.T) {
	for _, order := range []string{"RGB", "BGR"} {
		for _, px := range []*Pixels{pattern("smooth", 32, 32), pattern("glass", 32, 32), pattern("smooth", 50, 41)} {
			p := preparation("shorter", "bilinear", 32, 32, 36)
			p.Order, p.Mean, p.Std = order, [3]float64{10, 120, 200}, [3]float64{50, 60, 70}
			lanes := func(stride, shift int) (out []int16) {
				pr, err := NewPreparer(p, 1e-3, stride)
				if err != nil {
					t.Fatal(err)
				}
				dst := make([]int16, 32*32*stride+shift)
				for i := range dst {
					dst[i] = 99
				}
				if err := pr.Prepare(dst[shift:], px); err != nil {
					t.Fatal(err)
				}
				for i := shift; i < len(dst); i += stride {
					out = append(out, dst[i:i+3]...)
					for _, q := range dst[i+3 : i+stride] {
						if q != 0 {
							t.Fatalf("stride %d: a lane past the colours is %d", stride, q)
						}
					}
				}
				return out
			}
			want := lanes(8, 0)
			for _, c := range [][2]int{{3, 0}, {4, 0}, {4, 1}, {4, 2}} {
				if !slices.Equal(lanes(c[0], c[1]), want) {
					t.Errorf("%s, %d x %d: stride %d at %d differs from stride 8", order, px.W, px.H, c[0], c[1])
				}
			}
		}
	}
}
