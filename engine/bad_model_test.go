package engine_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"likeness/engine/graph"
	"likeness/engine/internal/testnet"
	"likeness/engine/model"
)

// wrong is a file that must be refused: the network of all operators with its
// graph or its tensors changed, and a word of the refusal.
type wrong struct {
	name string
	edit func(w *wrecked)
	want string
}

// wrecked is what an edit may change.
type wrecked struct {
	model.File
	tensors []tensor
}

func (w *wrecked) node(name string) *graph.Node {
	i := slices.IndexFunc(w.Graph.Nodes, func(n graph.Node) bool { return n.Name == name })
	return &w.Graph.Nodes[i]
}

func (w *wrecked) tensor(name string) *graph.Tensor {
	i, ok := w.Graph.Tensor(name)
	if !ok {
		panic("no tensor " + name)
	}
	return &w.Graph.Tensors[i]
}

func (w *wrecked) entry(name string) *tensor {
	i := slices.IndexFunc(w.tensors, func(t tensor) bool { return t.name == name })
	return &w.tensors[i]
}

func node(name string, edit func(n *graph.Node)) func(w *wrecked) {
	return func(w *wrecked) { edit(w.node(name)) }
}

func float(v float32) []byte { return binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)) }

var wrongs = []wrong{
	// The graph as a whole.
	{"no operators", func(w *wrecked) { w.Graph.Nodes = nil }, "no operators"},
	{"no tensors", func(w *wrecked) { w.Graph.Tensors = nil }, "no tensors"},
	{"two of a name", func(w *wrecked) { w.tensor("stem").Name = "expand" }, `two tensors are named "expand"`},
	{"no name", func(w *wrecked) { w.tensor("stem").Name = "" }, "no name"},
	{"never computed", func(w *wrecked) {
		w.Graph.Tensors = append(w.Graph.Tensors, *w.tensor("stem"))
		w.Graph.Tensors[len(w.Graph.Tensors)-1].Name = "orphan"
	}, "never computed"},
	{"written twice", func(w *wrecked) { w.node("expand").Output = w.node("stem").Output }, "written twice"},
	{"writes the picture", func(w *wrecked) { w.node("stem").Output = 0 }, "written twice"},
	{"output beyond", func(w *wrecked) { w.node("stem").Output = 1 << 30 }, "does not exist"},
	{"output negative", func(w *wrecked) { w.node("stem").Output = -1 }, "does not exist"},
	{"input beyond", func(w *wrecked) { w.node("stem").Inputs[0] = 1 << 30 }, "does not exist"},
	{"input negative", func(w *wrecked) { w.node("stem").Inputs[0] = -1 }, "does not exist"},
	{"reads itself", func(w *wrecked) { w.node("stem").Inputs[0] = w.node("stem").Output }, "not computed"},
	{"reads what comes later", func(w *wrecked) { w.node("stem").Inputs[0] = w.node("logits").Output }, "not computed"},
	{"no input", func(w *wrecked) { w.node("stem").Inputs = nil }, "has 0 inputs, wants 1"},
	{"second input", func(w *wrecked) { w.node("stem").Inputs = []int{0, 0} }, "has 2 inputs, wants 1"},
	{"one operand", func(w *wrecked) { w.node("residual").Inputs = w.node("residual").Inputs[:1] }, "has 1 inputs, wants 2"},
	{"nothing to join", func(w *wrecked) { w.node("concat").Inputs = nil }, "has 0 inputs"},
	{"unknown operator", func(w *wrecked) { w.node("stem").Op = "warp" }, "unknown operator"},
	{"default layer unknown", func(w *wrecked) { w.Graph.DefaultLayer = "nowhere" }, "not a layer"},
	{"default layer is the picture", func(w *wrecked) { w.Graph.DefaultLayer = "input" }, "the picture itself"},
	{"default layer is empty", func(w *wrecked) { w.Graph.DefaultLayer = "" }, "not a layer"},
	{"output unknown", func(w *wrecked) { w.Graph.Output = "nowhere" }, "not a layer"},
	{"output is the picture", func(w *wrecked) { w.Graph.Output = "input" }, "the picture itself"},
	{"labels without output", func(w *wrecked) { w.Graph.Output, w.Graph.Labels = "", []string{"a"} }, "no output"},
	{"labels that do not fit", func(w *wrecked) { w.Graph.Labels = []string{"a", "b"} }, "2 labels for the 11 channels"},
	{"long name", func(w *wrecked) { w.Graph.Name = strings.Repeat("x", 1025) }, "at most 1024"},
	// Tensors.
	{"dimension 0", func(w *wrecked) { w.tensor("stem").Shape[1] = 0 }, "shape"},
	{"dimension negative", func(w *wrecked) { w.tensor("stem").Shape[2] = -13 }, "shape"},
	{"dimensions overflow", func(w *wrecked) { w.tensor("stem").Shape = [3]int{1 << 26, 1 << 26, 1 << 26} }, "at most"},
	{"side too long", func(w *wrecked) { w.tensor("stem").Shape = [3]int{1 << 17, 1, 1} }, "a side"},
	{"output shape", func(w *wrecked) { w.tensor("stem").Shape[0]++ }, "output shape"},
	{"scale 0", func(w *wrecked) { w.tensor("stem").Scale = 0 }, "scale 0"},
	{"scale negative", func(w *wrecked) { w.tensor("stem").Scale = -1 }, "scale -1"},
	{"scale tiny", func(w *wrecked) { w.tensor("stem").Scale = 1e-38 }, "scale"},
	{"scale huge", func(w *wrecked) { w.tensor("stem").Scale = 1e38 }, "scale"},
	{"range without 0", func(w *wrecked) { w.tensor("stem").Lo = 1 }, "range"},
	{"range below 0", func(w *wrecked) { w.tensor("stem").Hi = -1; w.tensor("stem").Lo = -5 }, "range"},
	{"range to -32768", func(w *wrecked) { w.tensor("stem").Lo = -32768 }, "range"},
	// Preparation.
	{"input range too small", func(w *wrecked) { w.Graph.Tensors[0].Lo, w.Graph.Tensors[0].Hi = -1, 1 }, "the preparation gives -2040 to 2040"},
	{"input range short by one", func(w *wrecked) { w.Graph.Tensors[0].Hi = 2039 }, "the preparation gives"},
	{"input scale beyond int16", func(w *wrecked) { w.Graph.Tensors[0].Scale /= 1000 }, "the preparation gives"},
	{"deviation 0", func(w *wrecked) { w.Graph.Prepare.Std[1] = 0 }, "std"},
	{"deviation negative", func(w *wrecked) { w.Graph.Prepare.Std[1] = -1 }, "std"},
	{"mean beyond", func(w *wrecked) { w.Graph.Prepare.Mean[1] = 1e9 }, "mean"},
	{"width 0", func(w *wrecked) { w.Graph.Prepare.Width = 0 }, "input size"},
	{"width of another network", func(w *wrecked) { w.Graph.Prepare.Width = 28 }, "input tensor has shape"},
	{"resize", func(w *wrecked) { w.Graph.Prepare.Resize = "squeeze" }, "unknown resize"},
	{"side", func(w *wrecked) { w.Graph.Prepare.Side = 1 }, "side"},
	{"interpolation", func(w *wrecked) { w.Graph.Prepare.Interpolation = "cubic spline" }, "interpolation"},
	{"order", func(w *wrecked) { w.Graph.Prepare.Order = "GBR" }, "channel order"},
	// Operators.
	{"kernel 0", node("stem", func(n *graph.Node) { n.Kernel[0] = 0 }), "kernel"},
	{"kernel larger than its weights", node("stem", func(n *graph.Node) { n.Kernel = [2]int{5, 5}; n.Pads = [4]int{1, 1, 2, 2} }), "wants"},
	{"kernel beyond the picture", node("stem", func(n *graph.Node) { n.Kernel[0] = 200 }), "spans"},
	{"stride 0", node("stem", func(n *graph.Node) { n.Stride[1] = 0 }), "stride"},
	{"stride 257", node("stem", func(n *graph.Node) { n.Stride[1] = 257 }), "stride"},
	{"dilation negative", node("stem", func(n *graph.Node) { n.Dilation[1] = -1 }), "dilation"},
	{"padding negative", node("stem", func(n *graph.Node) { n.Pads[3] = -1 }), "padding"},
	{"padding 4097", node("stem", func(n *graph.Node) { n.Pads[3] = 4097 }), "padding"},
	{"groups 0", node("stem", func(n *graph.Node) { n.Groups = 0 }), "groups"},
	{"groups that do not divide", node("depthwise", func(n *graph.Node) { n.Groups = 4 }), "divide"},
	{"groups other than the weights'", node("depthwise", func(n *graph.Node) { n.Groups = 13 }), "wants"},
	{"weights of an operator that has none", node("residual", func(n *graph.Node) { n.Weights = "stem" }), "has none"},
	{"no weights", node("stem", func(n *graph.Node) { n.Weights = "" }), "names no weights"},
	{"weights of another", func(w *wrecked) {
		p, e := w.node("project"), w.node("expand")
		p.Weights, e.Weights = e.Weights, p.Weights
	}, "wants"},
	{"weights shared", func(w *wrecked) {
		t, n := *w.tensor("logits2"), *w.node("logits2")
		t.Name, n.Name, n.Output = "again", "again", len(w.Graph.Tensors)
		w.Graph.Tensors, w.Graph.Nodes = append(w.Graph.Tensors, t), append(w.Graph.Nodes, n)
	}, "share the weights"},
	{"weights not there", node("stem", func(n *graph.Node) { n.Weights = "none" }), "missing"},
	{"pool window without a value", node("maxpool", func(n *graph.Node) { n.Kernel, n.Pads, n.Stride = [2]int{1, 1}, [4]int{1, 1, 1, 1}, [2]int{1, 1} }), "without a value"},
	{"function", node("fn/elu", func(n *graph.Node) { n.Fn = "" }), "unknown function"},
	{"alpha", node("fn/elu", func(n *graph.Node) { n.Alpha = -2e6 }), "alpha"},
	{"epsilon", node("layernorm", func(n *graph.Node) { n.Epsilon = 2 }), "epsilon"},
	{"size of lrn", node("lrn", func(n *graph.Node) { n.Size = 1 << 20 }), "size"},
	{"beta of lrn", node("lrn", func(n *graph.Node) { n.Beta = 17 }), "beta"},
	{"channel beyond", node("column", func(n *graph.Node) { n.Channels = []int{21} }), "channel 21"},
	{"crop beyond", node("sparse", func(n *graph.Node) { n.Start[0] = 1 << 20 }), "do not lie within"},
	{"block 0", node("wide/DCR", func(n *graph.Node) { n.Block = 0 }), "block"},
	{"order of channels", node("wide/DCR", func(n *graph.Node) { n.Order = "ABC" }), "order"},
	{"zoom", node("linear/half_pixel/1", func(n *graph.Node) { n.Zoom[1] = 1e9 }), "zoom"},
	{"reshape", func(w *wrecked) { w.tensor("flat").Shape[2]++ }, "reshape"},
	{"scale of a copy", func(w *wrecked) { w.tensor("maxpool").Scale *= 2 }, "share one scale"},
	{"range of a copy", func(w *wrecked) { w.tensor("maxpool").Hi-- }, "share one scale"},
	{"range of a mean", func(w *wrecked) { w.tensor("squeeze").Hi-- }, "cover the input's"},
	{"scale of softmax", func(w *wrecked) { w.tensor("probabilities").Scale *= 2 }, "1/32767"},
	{"scales far apart", func(w *wrecked) { w.tensor("residual").Scale = 1e-29; w.tensor("project").Scale = 1e29 }, "scale"},
	// Parameters.
	{"weight -128", func(w *wrecked) { w.entry("stem.weight").data[5] = 0x80 }, "-128"},
	{"weight scale 0", func(w *wrecked) { copy(w.entry("stem.scale").data[4:], float(0)) }, "weight scale"},
	{"weight scale negative", func(w *wrecked) { copy(w.entry("stem.scale").data[4:], float(-1)) }, "weight scale"},
	{"weight scale NaN", func(w *wrecked) { copy(w.entry("stem.scale").data[4:], float(float32(math.NaN()))) }, "weight scale"},
	{"weight scale infinite", func(w *wrecked) { copy(w.entry("stem.scale").data[4:], float(float32(math.Inf(1)))) }, "weight scale"},
	{"weight scale huge", func(w *wrecked) { copy(w.entry("stem.scale").data[4:], float(1e20)) }, "requantise"},
	{"bias beyond the bound", func(w *wrecked) { binary.LittleEndian.PutUint32(w.entry("stem.bias").data, math.MaxInt32) }, "outside int32"},
	{"bias below the bound", func(w *wrecked) { binary.LittleEndian.PutUint32(w.entry("stem.bias").data, 1<<31) }, "outside int32"},
	{"gain NaN", func(w *wrecked) { copy(w.entry("layernorm.gain").data, float(float32(math.NaN()))) }, "parameter"},
	{"slope huge", func(w *wrecked) { copy(w.entry("prelu.gain").data, float(1e7)) }, "parameter"},
	{"shape of weights", func(w *wrecked) {
		s := w.entry("stem.weight").shape
		s[1], s[3] = s[3], s[1]
		s[0], s[1] = s[0]*s[1], 1
	}, "has shape"},
	{"shape of weights, flat", func(w *wrecked) { t := w.entry("stem.weight"); t.shape = []int{len(t.data)} }, "has shape"},
	{"shape of biases", func(w *wrecked) { w.entry("stem.bias").shape = []int{13, 1} }, "has shape"},
	{"biases missing", func(w *wrecked) { w.entry("stem.bias").name = "other" }, "missing"},
	{"biases of another type", func(w *wrecked) { w.entry("stem.bias").dtype = "F32" }, "missing"},
	{"gains missing", func(w *wrecked) { w.entry("prelu.gain").name = "other" }, "missing"},
	{"bytes missing", func(w *wrecked) { t := w.entry("stem.weight"); t.data = t.data[1:] }, "needs"},
	{"dtype", func(w *wrecked) { w.entry("stem.weight").dtype = "BF16" }, "dtype"},
	{"dimension of weights 0", func(w *wrecked) { w.entry("stem.weight").shape[0] = 0 }, "has shape"},
	{"dimensions of weights overflow", func(w *wrecked) { w.entry("stem.weight").shape[0] = math.MaxInt32 }, "has shape"},
}

func TestWrongModels(t *testing.T) {
	for _, c := range wrongs {
		w := &wrecked{File: testnet.All(1).File}
		w.tensors = tensors(&w.File)
		c.edit(w)
		refused(t, c.name, encode(t, &w.Graph, w.tensors), c.want)
	}
	w := testnet.All(1).File
	if _, err := model.Read(encode(t, &w.Graph, tensors(&w))); err != nil {
		t.Errorf("the file that is changed above: %v", err)
	}
}

// TestWrongContainers: what is no safetensors file, or one that is not whole.
func TestWrongContainers(t *testing.T) {
	f := testnet.All(1).File
	var b bytes.Buffer
	if err := model.Write(&b, &f); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	n := binary.LittleEndian.Uint64(good)
	text := func(old, new string) []byte {
		h := strings.Replace(string(good[8:8+n]), old, new, 1)
		if h == string(good[8:8+n]) {
			t.Fatalf("no %s in the header", old)
		}
		return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(h))), []byte(h), good[8+n:])
	}
	length := func(n uint64) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), good[8:]...) }
	quoted, _ := json.Marshal(`"name":"testnet",`)
	inner := string(quoted[1 : len(quoted)-1])
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "only 0 bytes"},
		{"seven bytes", good[:7], "only 7 bytes"},
		{"header cut", good[:100], "truncated"},
		{"a page of the web", []byte("<!doctype html><title>404</title>"), "not a safetensors file"},
		{"header of 2^63", length(1 << 63), "not a safetensors file"},
		{"header longer than the file", length(uint64(len(good))), "not a safetensors file"},
		{"header short by 20", length(n - 20), "header"},
		{"data cut", good[:len(good)-1], "truncated"},
		{"data longer", append(slices.Clone(good), 0), "bytes of tensor data"},
		{"version", text(`"likeness.version":"1"`, `"likeness.version":"2"`), "version"},
		{"no version", text(`"likeness.version":"1"`, `"other":"1"`), "version"},
		{"no graph", text(`"likeness.graph"`, `"other.graph"`), "graph is not valid"},
		{"a tensor twice", text(`"stem.bias":{`, `"stem.bias":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"stem.bias":{`), `"stem.bias" comes twice`},
		{"metadata twice", text(`{"__metadata__":`, `{"__metadata__":{},"__metadata__":`), "comes twice"},
		{"a key of metadata twice", text(`"license":`, `"license":"x","license":`), `"license" comes twice`},
		{"a key of a tensor twice", text(`"dtype":"I8"`, `"dtype":"I8","dtype":"I8"`), `"dtype" comes twice`},
		{"a key of the graph twice", text(inner, inner+inner), `"name" comes twice`},
		{"offsets backwards", text(`"data_offsets":[0,`, `"data_offsets":[900,`), "tensor"},
		{"offset negative", text(`"data_offsets":[0,`, `"data_offsets":[-1,`), "tensor"},
		{"not JSON", text(`{"__metadata__":`, `{__metadata__:`), "not a safetensors header"},
		{"a comma too many", text(`{"__metadata__":`, `{,"__metadata__":`), "not a safetensors header"},
	} {
		refused(t, c.name, c.data, c.want)
	}
}

// TestMutatedModels changes one byte of a file at a time: it is refused in one
// line, or it still is a network that runs.
func TestMutatedModels(t *testing.T) {
	n := testnet.New(3, 9, 8)
	a := n.Conv("conv", 0, 5, 1, testnet.Square(3, 1, 1), true)
	b := n.Pool(graph.MaxPool, "pool", a, testnet.Square(2, 2, 0))
	n.Softmax("soft", n.FC("fc", b, 4))
	var out bytes.Buffer
	if err := model.Write(&out, &n.File); err != nil {
		t.Fatal(err)
	}
	survivors := 0
	for i := range out.Len() {
		data := slices.Clone(out.Bytes())
		data[i] ^= []byte{1, 0x80, '9' ^ '0'}[i%3]
		if runs(t, data) {
			survivors++
		}
	}
	if survivors == 0 {
		t.Error("no change was harmless, not even one of a weight")
	}
}
