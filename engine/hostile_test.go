package engine_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/internal/testnet"
	"likeness/engine/model"
)

// tensor is one entry of a file that encode writes.
type tensor struct {
	name, dtype string
	shape       []int
	data        []byte
}

// tensors are those of a model's parameters, as model.Write names them.
func tensors(f *model.File) (list []tensor) {
	real := func(name string, v []float32) {
		t := tensor{name, "F32", []int{len(v)}, nil}
		for _, x := range v {
			t.data = binary.LittleEndian.AppendUint32(t.data, math.Float32bits(x))
		}
		list = append(list, t)
	}
	for i := range f.Graph.Nodes {
		n := &f.Graph.Nodes[i]
		p, ok := f.Params[n.Weights]
		if !ok {
			continue
		}
		if n.FloatParams() {
			real(n.Weights+".gain", p.Gain)
			if p.Offset != nil {
				real(n.Weights+".offset", p.Offset)
			}
			continue
		}
		real(n.Weights+".scale", p.Scale)
		bias := tensor{n.Weights + ".bias", "I32", []int{len(p.Bias)}, nil}
		for _, x := range p.Bias {
			bias.data = binary.LittleEndian.AppendUint32(bias.data, uint32(x))
		}
		w := tensor{n.Weights + ".weight", "I8", nil, make([]byte, len(p.Weight))}
		s := n.WeightShape(&f.Graph)
		if w.shape = s[:]; n.Op == graph.FullyConnected {
			w.shape = []int{s[0], s[3]}
		}
		for k, x := range p.Weight {
			w.data[k] = byte(x)
		}
		list = append(list, bias, w)
	}
	return list
}

// encode writes a file without any of the checks of model.Write.
func encode(t testing.TB, g *graph.Graph, list []tensor) []byte {
	t.Helper()
	text, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]any{"__metadata__": map[string]string{"likeness.version": "1", "likeness.graph": string(text), "license": "CC0-1.0", "source": "test"}}
	var body []byte
	for _, x := range list {
		header[x.name] = map[string]any{"dtype": x.dtype, "shape": x.shape, "data_offsets": []int{len(body), len(body) + len(x.data)}}
		body = append(body, x.data...)
	}
	return wrap(t, header, body)
}

func wrap(t testing.TB, header any, body []byte) []byte {
	t.Helper()
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(h))), h, body)
}

// refused wants engine.Load to refuse a file in one line with the words, at
// once and with little memory.
func refused(t *testing.T, name string, data []byte, want string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	net, err := engine.Load(data)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	switch {
	case err == nil:
		t.Errorf("%s: accepted", name)
		if _, err := net.NewSession(); err != nil {
			t.Errorf("%s: and then no session: %v", name, err)
		}
		return
	case !engine.IsCode(err, engine.CodeModelInvalid):
		t.Errorf("%s: %v has no code", name, err)
	case !strings.Contains(err.Error(), want):
		t.Errorf("%s: got %v\nwant one that mentions %q", name, err, want)
	case strings.Contains(err.Error(), "\n") || len(err.Error()) > 2000:
		t.Errorf("%s: the message is not one line: %d bytes", name, len(err.Error()))
	}
	// Not a measure of speed: work that grows with what a file declares takes
	// minutes.
	if took > time.Minute {
		t.Errorf("%s: took %v", name, took)
	}
	if spent := int64(after.TotalAlloc - before.TotalAlloc); spent > 32<<20+12*int64(len(data)) {
		t.Errorf("%s: a file of %d bytes took %d bytes of memory", name, len(data), spent)
	}
}

// TestMemoryBombs: small files that ask for much memory, each by another
// operator, are refused before anything of it is allocated.
func TestMemoryBombs(t *testing.T) {
	square := testnet.Square
	for name, build := range map[string]func(n *testnet.Net){
		"max_pool": func(n *testnet.Net) { n.Pool(graph.MaxPool, "p", 0, square(256, 1, 0)) },
		"avg_pool": func(n *testnet.Net) { n.Pool(graph.AvgPool, "p", 0, square(200, 1, 0)) },
		"conv of the picture": func(n *testnet.Net) {
			n.Conv("c", 0, 1, 1, square(256, 1, 0), false)
			clear(n.File.Params["c"].Weight)
		},
		"conv": func(n *testnet.Net) {
			a := n.Conv("a", 0, 4, 1, square(1, 1, 0), false)
			n.Conv("c", a, 1, 1, square(32, 1, 0), false)
		},
		"depthwise": func(n *testnet.Net) {
			a := n.Conv("a", 0, 8, 1, square(1, 1, 0), false)
			n.Conv("c", a, 8, 8, square(5, 1, 2), false)
		},
		"groups": func(n *testnet.Net) {
			a := n.Conv("a", 0, 256, 1, testnet.Window{Kernel: [2]int{1, 1}, Stride: [2]int{8, 8}, Dilation: [2]int{1, 1}}, false)
			n.Conv("c", a, 512, 256, square(3, 1, 1), false)
		},
		"conv arena": func(n *testnet.Net) { n.Conv("c", 0, 8, 1, square(1, 1, 0), false) },
		"arena of one channel": func(n *testnet.Net) {
			n.Copy(graph.Reshape, "r", 0, [3]int{4096 * 3, 4096, 1}, [4]int{})
			n.Copy(graph.Reshape, "s", 1, [3]int{4096, 4096 * 3, 1}, [4]int{})
		},
		"alive together": func(n *testnet.Net) {
			a := n.Conv("a", 0, 8, 1, testnet.Window{Kernel: [2]int{1, 1}, Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}}, false)
			var all []int
			for i := range 30 {
				all = append(all, n.Activation(fmt.Sprint("f", i), a, graph.ReLU, 0))
			}
			sum := all[0]
			for i, b := range all[1:] {
				sum = n.Binary(graph.Add, fmt.Sprint("s", i), sum, b)
			}
		},
		"broadcast": func(n *testnet.Net) {
			a := n.Crop("row", 0, 1, 4096, [2]int{}, [2]int{1, 1})
			a = n.Gather("one", a, 0)
			b := n.Crop("column", 0, 4096, 1, [2]int{}, [2]int{1, 1})
			b = n.Gather("eight", b, 0, 1, 2, 0, 1, 2, 0, 1)
			n.Binary(graph.Mul, "m", a, b)
			n.Binary(graph.Add, "n", len(n.File.Graph.Tensors)-1, a)
			n.Concat("o", len(n.File.Graph.Tensors)-1)
		},
		"concat": func(n *testnet.Net) { n.Concat("c", 0, 0) },
		"gather": func(n *testnet.Net) { n.Gather("g", 0, 0, 1, 2, 0, 1, 2, 0, 1) },
		"resize": func(n *testnet.Net) { resize(n, 0, [3]int{6000, 6000, 3}) },
		"pad": func(n *testnet.Net) {
			n.Copy(graph.Pad, "p", 0, [3]int{4096 + 2500, 4096 + 2500, 3}, [4]int{1250, 1250, 1250, 1250})
		},
		"depth_to_space": func(n *testnet.Net) {
			a := n.Gather("g", n.Crop("c", 0, 1024, 1024, [2]int{}, [2]int{1, 1}), slices.Repeat([]int{0, 1, 2, 0}, 16)...)
			t := n.File.Graph.Tensors[a]
			t.Name, t.Shape = "d", [3]int{8192, 8192, 1}
			n.File.Graph.Tensors = append(n.File.Graph.Tensors, t)
			n.File.Graph.Nodes = append(n.File.Graph.Nodes, graph.Node{Op: graph.DepthToSpace, Name: "d", Inputs: []int{a}, Output: a + 1, Block: 8, Order: graph.OrderDCR})
		},
		"tables of softmax": func(n *testnet.Net) {
			a := n.Crop("dot", 0, 1, 1, [2]int{}, [2]int{1, 1})
			n.File.Graph.Tensors[0].Lo, n.File.Graph.Tensors[0].Hi = -32767, 32767
			n.File.Graph.Tensors[a].Lo, n.File.Graph.Tensors[a].Hi = -32767, 32767
			for i := range 3500 {
				n.Softmax(fmt.Sprint("s", i), a)
			}
		},
		"vector of a large layer": func(n *testnet.Net) { n.Gather("g", 0, 0, 1, 2, 0, 1, 2) },
		"input with a border": func(n *testnet.Net) {
			w := testnet.Window{Kernel: [2]int{1, 1}, Stride: [2]int{2, 2}, Dilation: [2]int{1, 1}, Pads: [4]int{4096, 4096, 4096, 4096}}
			n.Conv("c", 0, 1, 1, w, false)
		},
	} {
		n := testnet.New(1, 4096, 4096)
		n.File.Graph.Prepare.Resize = "stretch"
		build(n)
		refused(t, name, encode(t, &n.File.Graph, tensors(&n.File)), "bytes of memory")
	}
}

func resize(n *testnet.Net, in int, shape [3]int) {
	t := n.File.Graph.Tensors[in]
	t.Name, t.Shape = "resized", shape
	n.File.Graph.Tensors = append(n.File.Graph.Tensors, t)
	n.File.Graph.DefaultLayer = t.Name
	n.File.Graph.Nodes = append(n.File.Graph.Nodes, graph.Node{Op: graph.Resize, Name: t.Name, Inputs: []int{in}, Output: len(n.File.Graph.Tensors) - 1,
		Fn: graph.Linear, Coordinates: graph.HalfPixel})
}

// TestOffsetsBeyond32Bits: three tensors that end beyond 2^31 numbers; the
// third was once read at another's place.
func TestOffsetsBeyond32Bits(t *testing.T) {
	n := testnet.New(1, 1024, 1024)
	var all []int
	for i := range 3 {
		all = append(all, n.Copy(graph.Reshape, fmt.Sprint("r", i), 0, [3]int{1024 * 3, 1024, 1}, [4]int{}))
	}
	for i := range all {
		all[i] = n.Copy(graph.Pad, fmt.Sprint("p", i), all[i], [3]int{1024*3 + 4096, 1024 + 4096, 1}, [4]int{4096, 4096, 0, 0})
	}
	n.Concat("c", all...)
	refused(t, "offsets", encode(t, &n.File.Graph, tensors(&n.File)), "bytes of memory")
}

// TestManyParts: lists longer than any network's are refused while they are
// read.
func TestManyParts(t *testing.T) {
	header := func(graph string) []byte {
		return wrap(t, map[string]any{"__metadata__": map[string]string{"likeness.version": "1", "likeness.graph": graph}}, nil)
	}
	entries := map[string]any{}
	for i := range 40000 {
		entries[fmt.Sprint("t", i)] = map[string]any{"dtype": "I8", "shape": []int{1}, "data_offsets": []int{i, i + 1}}
	}
	keys := map[string]string{}
	for i := range 5000 {
		keys[fmt.Sprint("k", i)] = ""
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"5,000,000 empty operators":    {header(`{"nodes":[` + strings.Repeat("{},", 4999999) + `{}]}`), "more than 4096 operators"},
		"tensors":                      {header(`{"tensors":[` + strings.Repeat("{},", 99999) + `{}]}`), "more than 4097 tensors"},
		"3,000,000 labels":             {header(`{"labels":[` + strings.Repeat(`"",`, 2999999) + `""]}`), "more than 131072 labels"},
		"inputs":                       {header(`{"nodes":[{"inputs":[` + strings.Repeat("0,", 4999999) + `0]}]}`), "more than 4096 inputs"},
		"channels":                     {header(`{"nodes":[{"channels":[` + strings.Repeat("0,", 2000000) + `0]}]}`), "more than 1048576 channels"},
		"further names":                {header(`{"tensors":[{"also":[` + strings.Repeat(`"",`, 99999) + `""]}]}`), "more than 4096 further names"},
		"entries":                      {wrap(t, entries, make([]byte, 40000)), "more than 16384 tensors"},
		"keys of metadata":             {wrap(t, map[string]any{"__metadata__": keys}, nil), "more than 1024 keys"},
		"dimensions":                   {wrap(t, map[string]any{"t": map[string]any{"dtype": "I8", "shape": slices.Repeat([]int{1}, 1<<20), "data_offsets": []int{0, 1}}}, []byte{0}), "more than 8 dimensions"},
		"nesting":                      {header(`{"new":` + strings.Repeat("[", 1<<20)), "less nesting"},
		"a number of 1 MB":             {header(`{"tensors":[{"lo":` + strings.Repeat("9", 1<<20) + `}]}`), "not an integer"},
		"a name of 1 MB":               {header(`{"name":"` + strings.Repeat("n", 1<<20) + `","tensors":[{"name":"a","shape":[1,1,3]}],"nodes":[{}]}`), "at most 1024"},
		"an unknown operator of 10 kB": {header(`{"tensors":[{"name":"a"},{"name":"b"}],"nodes":[{"op":"` + strings.Repeat("x", 10000) + `"}]}`), "at most 1024"},
		"a version of 1 MB":            {wrap(t, map[string]any{"__metadata__": map[string]string{"likeness.version": strings.Repeat("2", 1<<20)}}, nil), "version"},
		"a dtype of 1 MB":              {wrap(t, map[string]any{"t": map[string]any{"dtype": strings.Repeat("F", 1<<20), "shape": []int{1}, "data_offsets": []int{0, 1}}}, []byte{0}), "dtype"},
	} {
		refused(t, name, c.data, c.want)
	}
}

// runs reports whether a file is a network; then every layer of it must run.
func runs(t *testing.T, data []byte) bool {
	t.Helper()
	net, err := engine.Load(data)
	if err != nil {
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("not one line: %v", err)
		}
		return false
	}
	s, err := net.NewSession()
	if err != nil {
		t.Errorf("loaded, and then no session: %v", err)
		return true
	}
	p := net.Preparation()
	if err := s.Run(noise(1, p.Width, p.Height)); err != nil {
		t.Errorf("loaded, and then: %v", err)
	}
	return true
}
