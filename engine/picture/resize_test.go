package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"runtime"
	"testing"
)

// pattern makes test pictures with hard cases for resampling.
func pattern(kind string, w, h int) *Pixels {
	rng := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	p := &Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	for y := range h {
		for x := range w {
			var v [3]byte
			switch kind {
			case "noise":
				v = [3]byte{byte(rng.Uint32()), byte(rng.Uint32()), byte(rng.Uint32())}
			case "checkers":
				if (x+y)%2 == 0 {
					v = [3]byte{255, 255, 255}
				}
			case "lines":
				if x%7 == 0 || y%5 == 0 {
					v = [3]byte{255, 128, 0}
				}
			case "smooth":
				v = [3]byte{byte(x * 255 / w), byte(y * 255 / h), byte((x + y) * 255 / (w + h))}
			}
			copy(p.Pix[4*(y*w+x):], append(v[:], 255))
		}
	}
	return p
}

// pillow resizes RGB bytes from stdin as torchvision does: short side to side,
// centre crop, or stretched.
const pillow = `
import sys, struct
from PIL import Image
d = sys.stdin.buffer.read()
w, h, side, ow, oh, stretch, cubic = struct.unpack("<7i", d[:28])
im = Image.frombytes("RGB", (w, h), d[28:])
f = Image.BICUBIC if cubic else Image.BILINEAR
if stretch:
    im = im.resize((ow, oh), f)
else:
    fw, fh = (side, int(side * h / w)) if w <= h else (int(side * w / h), side)
    im = im.resize((fw, fh), f)
    l, t = int(round((fw - ow) / 2.0)), int(round((fh - oh) / 2.0))
    im = im.crop((l, t, l + ow, t + oh))
sys.stdout.buffer.write(im.tobytes())
`

func pillowResize(t *testing.T, p Preparation, px *Pixels) []byte {
	var in bytes.Buffer
	args := []int32{int32(px.W), int32(px.H), int32(p.Side), int32(p.Width), int32(p.Height), 0, 0}
	if p.Resize == "stretch" {
		args[5] = 1
	}
	if p.Interpolation == "bicubic" {
		args[6] = 1
	}
	if err := binary.Write(&in, binary.LittleEndian, args); err != nil {
		t.Fatal(err)
	}
	for i := range px.W * px.H {
		in.Write(px.Pix[4*i : 4*i+3])
	}
	cmd := exec.Command("/usr/bin/python3", "-c", pillow)
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pillow: %v", err)
	}
	return out
}

func TestWithinOneOfPillow(t *testing.T) {
	if runtime.GOOS == "js" || exec.Command("/usr/bin/python3", "-c", "import PIL").Run() != nil {
		t.Skip("needs /usr/bin/python3 with PIL (Debian: python3-pil)")
	}
	sizes := [][2]int{{1, 1}, {1, 9}, {3, 2}, {100, 60}, {224, 225}, {255, 257}, {500, 333}, {640, 480}, {1001, 777}, {3000, 2000}}
	for _, kind := range []string{"noise", "checkers", "lines", "smooth"} {
		for _, s := range sizes {
			for _, mode := range []string{"shorter bilinear", "stretch bilinear", "shorter bicubic"} {
				if s[0] > 1001 && mode != "shorter bilinear" {
					continue
				}
				p, _ := Preset("tf")
				if _, err := fmt.Sscanf(mode, "%s %s", &p.Resize, &p.Interpolation); err != nil {
					t.Fatal(err)
				}
				px := pattern(kind, s[0], s[1])
				want := pillowResize(t, p, px)
				pr, err := NewPreparer(p, 1, 3)
				if err != nil {
					t.Fatal(err)
				}
				got, err := pr.RGB(px)
				if err != nil {
					t.Fatal(err)
				}
				worst := 0
				for i := range want {
					worst = max(worst, max(int(got[i])-int(want[i]), int(want[i])-int(got[i])))
				}
				// Bicubic sums negative coefficients of 14 bits twice.
				if limit := map[string]int{"bilinear": 1, "bicubic": 2}[p.Interpolation]; worst > limit {
					t.Errorf("%s %d x %d %s: off by %d/255 at worst", kind, s[0], s[1], mode, worst)
				}
			}
		}
	}
}

func TestCoefficientsSumToOne(t *testing.T) {
	for _, interpolation := range []string{"bilinear", "bicubic"} {
		for in := 1; in < 3000; in += 1 + in/3 {
			for _, out := range []int{1, 7, 224, 256} {
				for o, c := range newFilter(in, out, 0, out, interpolation).coefs {
					sum := 0
					for _, v := range c {
						sum += int(v)
					}
					if sum != 1<<coefBits {
						t.Fatalf("%s %d to %d: output %d sums to %d", interpolation, in, out, o, sum)
					}
				}
			}
		}
	}
}

func TestFlatStaysFlat(t *testing.T) {
	p, _ := Preset("tf")
	pr, _ := NewPreparer(p, 1, 4)
	for _, v := range []byte{0, 1, 127, 254, 255} {
		px := &Pixels{W: 517, H: 300, Pix: bytes.Repeat([]byte{v, v, v, 255}, 517*300)}
		rgb, err := pr.RGB(px)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range rgb {
			if got != v {
				t.Fatalf("flat %d became %d at %d", v, got, i)
			}
		}
	}
}

func TestInputSizeIsTakenAsItIs(t *testing.T) {
	p, _ := Preset("torch")
	p.Order = "BGR"
	pr, _ := NewPreparer(p, 0.001, 4)
	px := pattern("noise", 224, 224)
	rgb, err := pr.RGB(px)
	if err != nil {
		t.Fatal(err)
	}
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

func TestAlphaOverWhite(t *testing.T) {
	p, _ := Preset("tf")
	pr, _ := NewPreparer(p, 1, 3)
	px := &Pixels{W: 2, H: 2, Pix: bytes.Repeat([]byte{0, 100, 200, 51}, 4)}
	rgb, err := pr.RGB(px)
	if err != nil {
		t.Fatal(err)
	}
	if rgb[0] != 204 || rgb[1] != 224 || rgb[2] != 244 {
		t.Errorf("a fifth of (0, 100, 200) over white gave %v", rgb[:3])
	}
	if px.Pix[0] != 0 || px.Pix[3] != 51 {
		t.Error("the caller's pixels were changed")
	}
}

func BenchmarkPrepare12MP(b *testing.B) {
	p, _ := Preset("tf")
	pr, _ := NewPreparer(p, 1.0/2040, 4)
	px := pattern("smooth", 4000, 3000)
	dst := make([]int16, 224*224*4)
	for b.Loop() {
		if err := pr.Prepare(dst, px); err != nil {
			b.Fatal(err)
		}
	}
}
