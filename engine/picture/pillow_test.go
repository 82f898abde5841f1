package picture

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

// pillowScript resizes as torchvision does: short side to side, centre crop, or
// stretched. It reads pictures from stdin until it ends.
const pillowScript = `
import sys, struct
from PIL import Image
while True:
    head = sys.stdin.buffer.read(32)
    if not head: break
    w, h, side, ow, oh, stretch, filter, _ = struct.unpack("<8i", head)
    im = Image.frombytes("RGBA", (w, h), sys.stdin.buffer.read(4 * w * h))
    if im.getextrema()[3][0] < 255:
        white = Image.new("RGB", im.size, "white")
        white.paste(im, mask=im)
        im = white
    im = im.convert("RGB")
    f = [Image.BILINEAR, Image.BICUBIC, Image.NEAREST][filter]
    if stretch:
        im = im.resize((ow, oh), f)
    else:
        fw, fh = (side, int(side * h / w)) if w <= h else (int(side * w / h), side)
        im = im.resize((fw, fh), f)
        l, t = int(round((fw - ow) / 2.0)), int(round((fh - oh) / 2.0))
        im = im.crop((l, t, l + ow, t + oh))
    sys.stdout.buffer.write(im.tobytes())
    sys.stdout.buffer.flush()
`

// pillow starts Pillow and returns a function that resizes with it.
func pillow(t *testing.T) func(Preparation, *Pixels) []byte {
	t.Helper()
	const python = "/usr/bin/python3"
	if runtime.GOOS == "js" || exec.Command(python, "-c", "import PIL").Run() != nil {
		t.Skip("needs /usr/bin/python3 with PIL (Debian: python3-pil)")
	}
	cmd := exec.Command(python, "-c", pillowScript)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("pillow: %v", err)
		}
	})
	return func(p Preparation, px *Pixels) []byte {
		t.Helper()
		head := [8]int32{int32(px.W), int32(px.H), int32(p.Side), int32(p.Width), int32(p.Height)}
		if p.Resize == "stretch" {
			head[5] = 1
		}
		head[6] = int32(slices.Index(Interpolations, p.Interpolation))
		if err := binary.Write(in, binary.LittleEndian, head); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Write(px.Pix); err != nil {
			t.Fatal(err)
		}
		rgb := make([]byte, 3*p.Width*p.Height)
		if _, err := io.ReadFull(out, rgb); err != nil {
			t.Fatalf("pillow: %v", err)
		}
		return rgb
	}
}

// tolerance against Pillow in 1/255: ours of bicubic and nearest does the same arithmetic.
func tolerance(p Preparation) int {
	if p.Interpolation != "bilinear" {
		return 0
	}
	return 1
}

func farthest(a, b []byte) int {
	worst := 0
	for i := range a {
		worst = max(worst, int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return worst
}

func checkPillow(t *testing.T, name string, p Preparation, px *Pixels, want []byte) {
	t.Helper()
	got := prepared(t, p, px)
	if len(want) != len(got) {
		t.Fatalf("%s: %d bytes, Pillow gave %d", name, len(got), len(want))
	}
	if worst := farthest(got, want); worst > tolerance(p) {
		t.Errorf("%s: off by %d/255 at worst", name, worst)
	}
}

func TestPillow(t *testing.T) {
	resize := pillow(t)
	small := [][2]int{{1, 1}, {1, 2}, {1, 9}, {9, 1}, {3, 2}, {7, 64}, {100, 60}, {224, 224}, {224, 225}, {223, 224}, {256, 256}, {255, 257}, {341, 256}, {500, 333}, {333, 500}, {640, 480}}
	for _, kind := range []string{"noise", "contrast", "checkers", "lines", "smooth", "white", "alpha"} {
		sizes := small
		switch kind {
		case "noise", "lines":
			sizes = append(sizes[:len(sizes):len(sizes)], [2]int{1001, 777}, [2]int{2000, 90})
		case "contrast":
			sizes = append(sizes[:len(sizes):len(sizes)], [2]int{4000, 3000}, [2]int{60, 6000})
		}
		for _, s := range sizes {
			px := pattern(kind, s[0], s[1])
			for _, mode := range []string{"shorter", "stretch"} {
				for _, interpolation := range Interpolations {
					p := preparation(mode, interpolation, 224, 224, 256)
					if mode == "stretch" {
						p.Width, p.Height = 199, 120
					}
					if s[0] == p.Width && s[1] == p.Height {
						continue // taken as it is, without crop
					}
					checkPillow(t, fmt.Sprintf("%s %d x %d %s %s", kind, s[0], s[1], mode, interpolation), p, px, resize(p, px))
				}
			}
		}
	}
}

func TestPillowOnPhotos(t *testing.T) {
	shared := os.Getenv("LIKENESS_SHARED")
	if shared == "" {
		shared = "../../../shared"
	}
	var files []string
	for _, sub := range []string{"imagenet/*", "flowers/*/*"} {
		names, _ := filepath.Glob(filepath.Join(shared, "photos", sub))
		for i := 0; i < len(names); i += 1 + len(names)/12 {
			files = append(files, names[i])
		}
	}
	if len(files) == 0 {
		t.Skip("no photos: set LIKENESS_SHARED to a folder that holds photos/imagenet")
	}
	resize := pillow(t)
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		px, _, err := Decode(data, DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, interpolation := range Interpolations {
			p := preparation("shorter", interpolation, 224, 224, 256)
			checkPillow(t, name+" "+interpolation, p, px, resize(p, px))
		}
	}
}

var update = flag.Bool("update", false, "write testdata/pillow.json with Pillow's results")

// pillowCase is one result of Pillow, kept so that platforms without Python are
// tested as well.
type pillowCase struct {
	Kind          string
	W, H          int
	Resize        string
	Interpolation string
	Width, Height int
	Side          int
	RGB           []byte
}

func TestPillowTable(t *testing.T) {
	const file = "testdata/pillow.json"
	if *update {
		writePillowTable(t, file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []pillowCase
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%s: %d cases, %v", file, len(cases), err)
	}
	for _, c := range cases {
		checkPillow(t, fmt.Sprintf("%s %d x %d %s %s", c.Kind, c.W, c.H, c.Resize, c.Interpolation),
			preparation(c.Resize, c.Interpolation, c.Width, c.Height, c.Side), pattern(c.Kind, c.W, c.H), c.RGB)
	}
}

func writePillowTable(t *testing.T, file string) {
	resize := pillow(t)
	var b bytes.Buffer
	b.WriteString("[\n")
	for _, kind := range []string{"noise", "contrast", "lines", "alpha"} {
		for i, s := range [][2]int{{1, 1}, {3, 5}, {13, 11}, {61, 40}, {101, 230}, {900, 33}} {
			for _, interpolation := range []string{Interpolations[i%2], "nearest"} {
				c := pillowCase{Kind: kind, W: s[0], H: s[1], Resize: "shorter", Interpolation: interpolation, Width: 12, Height: 10, Side: 13}
				if i%3 == 2 {
					c.Resize = "stretch"
				}
				c.RGB = resize(preparation(c.Resize, c.Interpolation, c.Width, c.Height, c.Side), pattern(kind, s[0], s[1]))
				line, err := json.Marshal(c)
				if err != nil {
					t.Fatal(err)
				}
				if b.Len() > 2 {
					b.WriteString(",\n")
				}
				b.Write(line)
			}
		}
	}
	b.WriteString("\n]\n")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
