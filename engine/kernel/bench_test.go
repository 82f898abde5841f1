package kernel

import (
	_ "embed"
	"flag"
	"fmt"
	"math"
	"strings"
	"testing"
)

var bodyFlag = flag.String("body", "", "the body to benchmark, such as amd64/avx2, instead of the best")

// chosen puts the body of the -body flag in place.
func chosen(b *testing.B) {
	if *bodyFlag != "" {
		if use(b, *bodyFlag); Name() != *bodyFlag {
			b.Fatalf("-body %s: this is not among %v", *bodyFlag, bodies())
		}
	}
	b.Logf("body %s", Name())
}

//go:embed testdata/shapes.txt
var shapesText string

// layer is one line of testdata/shapes.txt.
type layer struct {
	network, kind                 string
	rows, cols, taps, k, repeated int
}

func (l layer) macs() int { return l.rows * l.cols * l.taps * l.k }

func (l layer) String() string {
	return fmt.Sprintf("%s-%dx%dx%dx%d", l.kind, l.rows, l.cols, l.taps, l.k)
}

func layers(tb testing.TB) (all []layer) {
	for i, line := range strings.Split(shapesText, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		var l layer
		if n, err := fmt.Sscan(line, &l.network, &l.kind, &l.rows, &l.cols, &l.taps, &l.k, &l.repeated); n != 7 {
			tb.Fatalf("testdata/shapes.txt:%d: %v", i+1, err)
		}
		all = append(all, l)
	}
	return all
}

// prepare returns a function that runs the layer once on arbitrary numbers, by
// the body in use or by its definition. Windows lie as in a square picture with
// stride 1.
func (l layer) prepare(definition bool) func() {
	rnd := newSource(1)
	stride := Pad(l.k)
	if l.kind == "depthwise" {
		stride = Pad(l.cols)
	}
	if l.taps <= 7 && l.k%3 == 0 && l.k < 32 {
		stride = 4 // a first layer: taps are rows of pixels
	}
	wide := int(math.Ceil(math.Sqrt(float64(l.rows))))
	side := int(math.Sqrt(float64(l.taps)))
	if side*side != l.taps {
		side = l.taps // 1 x taps
	}
	offsets := make([]int32, l.rows*l.taps)
	for r := range l.rows {
		for t := range l.taps {
			offsets[r*l.taps+t] = int32(((r/wide+t/side)*(wide+side) + r%wide + t%side) * stride)
		}
	}
	in := rnd.int16s(int(offsets[len(offsets)-1]) + max(stride, l.k+1) + lanes)
	out := make([]int16, l.rows*Pad(l.cols))
	rq := rnd.requant(l.cols, l.taps*l.k)
	w := rnd.int8s(l.cols * l.taps * l.k)
	s := shape{l.rows, l.cols, l.taps, l.k, 0}
	switch l.kind {
	case "gemm":
		if definition {
			return func() { gemmReference(out, Pad(l.cols), in, offsets, w, s, rq) }
		}
		p := PackGemm(w, l.cols, l.taps, l.k)
		return func() { Gemm(out, Pad(l.cols), in, offsets, l.rows, p, rq) }
	case "winograd":
		windows, targets := l.winogradTables(wide, stride)
		p := PackWinograd(w, l.cols, l.k)
		scratch := make([]int16, p.Scratch(len(targets)/corners))
		return func() { Winograd(out, in, windows, targets, scratch, p, rq) }
	case "depthwise":
		if definition {
			return func() { depthwiseReference(out, Pad(l.cols), in, offsets, w, s, rq) }
		}
		p := PackDepthwise(w, l.cols, l.taps)
		return func() { Depthwise(out, Pad(l.cols), in, offsets, l.rows, p, rq) }
	case "fc":
		if definition {
			return func() { fullyConnectedReference(out, in, w, l.cols, l.k, rq) }
		}
		p := PackFC(w, l.cols, l.k)
		return func() { FullyConnected(out, in, p, rq) }
	}
	panic("kind " + l.kind)
}

// winogradTables are the tables of a picture of wide columns, whose outputs
// past its edges overwrite its last pixel.
func (l layer) winogradTables(wide, stride int) (windows, targets []int32) {
	high := l.rows / wide
	for y := 0; y < high; y += WinogradTile {
		for x := 0; x < wide; x += WinogradTile {
			for i := range corners {
				targets = append(targets, int32(min((y+i/2)*wide+x+i%2, l.rows-1)*Pad(l.cols)))
			}
			for i := range positions {
				windows = append(windows, int32(((min(y+i/4, high+1))*(wide+3)+min(x+i%4, wide+1))*stride))
			}
		}
	}
	return windows, targets
}

// winograd returns the layer by another algorithm, and whether there is one.
func (l layer) winograd() (layer, bool) {
	ok := l.kind == "gemm" && l.taps == 9 && l.k > 3
	l.kind = "winograd"
	return l, ok
}

func reportRate(b *testing.B, macs int) {
	b.ReportMetric(float64(macs)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
}

// BenchmarkNetwork runs all layers of a network of one kind, as often as it has
// them: its GMAC/s is what the network as a whole can hope for.
func BenchmarkNetwork(b *testing.B) {
	chosen(b)
	benchmarkNetworks(b, false)
}

// BenchmarkDefinition runs the same layers by the plain loops of
// reference_test.go.
func BenchmarkDefinition(b *testing.B) { benchmarkNetworks(b, true) }

func benchmarkNetworks(b *testing.B, definition bool) {
	type key struct{ network, kind string }
	var order []key
	groups := map[key][]layer{}
	for _, l := range layers(b) {
		k := key{l.network, l.kind}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], l)
	}
	for _, k := range order {
		b.Run(k.network+"/"+k.kind, func(b *testing.B) {
			var runs []func()
			macs := 0
			for _, l := range groups[k] {
				run := l.prepare(definition)
				for range l.repeated {
					runs = append(runs, run)
				}
				macs += l.macs() * l.repeated
			}
			for b.Loop() {
				for _, run := range runs {
					run()
				}
			}
			reportRate(b, macs)
		})
	}
}

// BenchmarkLayer runs each layer by itself.
func BenchmarkLayer(b *testing.B) {
	chosen(b)
	for _, l := range layers(b) {
		b.Run(l.network+"/"+l.String(), func(b *testing.B) {
			run := l.prepare(false)
			for b.Loop() {
				run()
			}
			reportRate(b, l.macs())
		})
		if l, ok := l.winograd(); ok {
			b.Run(l.network+"/"+l.String(), func(b *testing.B) {
				run := l.prepare(false)
				for b.Loop() {
					run()
				}
				reportRate(b, l.macs()) // of the products it stands for
			})
		}
	}
}

// BenchmarkMemory runs what is bound by loads and stores, on 112 x 112 x 96.
func BenchmarkMemory(b *testing.B) {
	chosen(b)
	const side, channels = 112, 96
	rnd := newSource(1)
	x, y, out := rnd.int16s(side*side*channels), rnd.int16s(side*side*channels), make([]int16, side*side*channels)
	table := rnd.int16s(1 << 16)
	var offsets []int32
	for r := range side / 2 * side / 2 {
		for t := range 9 {
			row, col := min(r/(side/2)*2+t/3, side-1), min(r%(side/2)*2+t%3, side-1)
			offsets = append(offsets, int32((row*side+col)*channels))
		}
	}
	rows := len(offsets) / 9
	scale := make([]float32, rows)
	for i := range scale {
		scale[i] = 1. / 9
	}
	slopes := make([]float32, len(x))
	for _, c := range []struct {
		name string
		n    int // elements read by the first operand
		run  func()
	}{
		{"Add", len(x), func() { Add(out, x, y, 0.7, 0.3, -32768, 32767) }},
		{"Mul", len(x), func() { Mul(out, x, y, 1e-4, -32768, 32767) }},
		{"Scale", len(x), func() { Scale(out, x, 0.7, 0, 32767) }},
		{"PReLU", len(x), func() { PReLU(out, x, 0.7, slopes, -32768, 32767) }},
		{"Lookup", len(x), func() { Lookup(out, x, table) }},
		{"MaxPool3x3", rows * 9 * channels, func() { MaxPool(out, channels, x, offsets, rows, 9, channels) }},
		{"AvgPool3x3", rows * 9 * channels, func() { AvgPool(out, channels, x, offsets, rows, 9, channels, scale) }},
		{"SumRows", len(x), func() { SumRows(make([]int64, channels), x, channels, side*side) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.run()
			}
			b.ReportMetric(float64(c.n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gelem/s")
		})
	}
}
