// Package engine turns pictures into feature vectors with a pretrained
// convolutional network. Load a model file, open a session for the layers of
// interest, run it on pictures and read vectors:
//
//	net, err := engine.Load(data)
//	s, err := net.NewSession("Conv_1")
//	err = s.Run(pixels)
//	v, err := s.Vector("Conv_1", engine.PoolAvg, true)
//
// Vectors are identical to the last bit on every platform.
package engine

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"likeness/engine/graph"
	"likeness/engine/internal/op"
	"likeness/engine/kernel"
	"likeness/engine/model"
	"likeness/engine/picture"
)

// Error codes of this package.
const (
	CodeModelInvalid = "model-invalid"
	CodeLayerUnknown = "layer-unknown"
	CodePoolUnknown  = "pool-unknown"
	CodeNotRun       = "session-not-run"

	CodeResizeUnknown = "resize-unknown"
)

// Error is a failure with a code for programs and a message for people.
type Error struct {
	Code string
	Msg  string
	Err  error
}

func (e *Error) Error() string { return e.Msg }
func (e *Error) Unwrap() error { return e.Err }

// ErrorCode is the code, for programs.
func (e *Error) ErrorCode() string { return e.Code }

// Network is a loaded model. It is immutable and safe for concurrent use.
type Network struct {
	file    *model.File
	weights map[string]op.Weights
	layers  []Layer

	mu    sync.Mutex
	plans map[string]*op.Plan
}

// Layer is a tensor that vectors can be taken from.
type Layer struct {
	Name string   `json:"name"`
	Also []string `json:"also,omitempty"` // further names of the same values
	// Joined are layers whose own values are not computed, because this one does
	// their work too.
	Joined []string `json:"joined,omitempty"`

	Op    string  `json:"op"`
	Shape [3]int  `json:"shape"` // H, W, C
	MACs  int64   `json:"macs"`  // multiply-adds of this operator alone
	Share float64 `json:"share"` // of the network's multiply-adds, 0..1
	// ReceptiveField is how many pixels of the prepared picture a value can
	// depend on: height, width.
	ReceptiveField [2]int `json:"receptive_field"`
}

// Load reads a model file (see models/FORMAT.md) and packs its weights for
// this machine. data is not kept.
func Load(data []byte) (*Network, error) {
	f, err := model.Read(data)
	if err != nil {
		return nil, &Error{CodeModelInvalid, err.Error(), err}
	}
	return newNetwork(f)
}

// Adopt is Load without a copy of the file: data is the network's from then on and
// must not change. hash returns the hex sha256 of data; it is asked for last, so
// that it can be computed beside this, and an error of it is Adopt's.
func Adopt(data []byte, hash func() (string, error)) (*Network, error) {
	f, err := model.Adopt(data)
	if err != nil {
		return nil, &Error{CodeModelInvalid, err.Error(), err}
	}
	n, err := newNetwork(f)
	if err != nil {
		return nil, err
	}
	if f.Hash, err = hash(); err != nil {
		return nil, err
	}
	return n, nil
}

// New makes a network of a model file in memory. The file must not change
// afterwards.
func New(f *model.File) (*Network, error) {
	if err := f.Validate(); err != nil {
		return nil, &Error{CodeModelInvalid, err.Error(), err}
	}
	return newNetwork(f)
}

// Fits refuses a valid file whose network would take more memory than any may,
// before that is allocated: with every layer that no other reads, so that any
// of them can be asked for.
func Fits(f *model.File) error {
	g := &f.Graph
	last := make([]bool, len(g.Tensors))
	for i := range last {
		last[i] = i > 0
	}
	for i := range g.Nodes {
		for _, in := range g.Nodes[i].Inputs {
			last[in] = false
		}
	}
	for _, name := range []string{g.DefaultLayer, g.Output} {
		if t, ok := g.Tensor(name); ok && name != "" {
			last[t] = true
		}
	}
	var keep []int
	for t, ok := range last {
		if ok {
			keep = append(keep, t)
		}
	}
	if _, err := op.Footprint(g, f.Params, keep); err != nil {
		return &Error{CodeModelInvalid, "model " + strconv.Quote(g.Name) + ": " + err.Error(), err}
	}
	return nil
}

// newNetwork is New for a file that is valid.
func newNetwork(f *model.File) (*Network, error) {
	if err := Fits(f); err != nil {
		return nil, err
	}
	n := &Network{file: f, weights: map[string]op.Weights{}, plans: map[string]*op.Plan{}}
	fields, total := f.Graph.ReceptiveFields(), int64(0)
	for i := range f.Graph.Nodes {
		node := &f.Graph.Nodes[i]
		if node.Weights != "" {
			n.weights[node.Weights] = op.Pack(&f.Graph, node, f.Params[node.Weights])
		}
		t := f.Graph.Tensors[node.Output]
		n.layers = append(n.layers, Layer{Name: t.Name, Also: t.Also, Joined: t.Joined, Op: node.Op, Shape: t.Shape, MACs: node.MACs(&f.Graph), ReceptiveField: fields[node.Output]})
		total += node.MACs(&f.Graph)
	}
	for i := range n.layers {
		n.layers[i].Share = float64(n.layers[i].MACs) / float64(max(total, 1))
	}
	return n, nil
}

// Backend names the kernels in use: portable, amd64/avx2, amd64/avx512 or
// wasm/simd128.
func Backend() string { return kernel.Name() }

// Name is the network's name.
func (n *Network) Name() string { return n.file.Graph.Name }

// Hash is the hex sha256 of the model file. Vectors of different hashes must
// not be compared.
func (n *Network) Hash() string { return n.file.Hash }

// License is the SPDX expression of the weights.
func (n *Network) License() string { return n.file.License }

// Source says where the weights came from.
func (n *Network) Source() string { return n.file.Source }

// Layers lists the layers in execution order.
func (n *Network) Layers() []Layer { return slices.Clone(n.layers) }

// DefaultLayer is the layer used when none is asked for.
func (n *Network) DefaultLayer() string { return n.file.Graph.DefaultLayer }

// Output is the layer of class scores, or "" when the network has no head.
func (n *Network) Output() string { return n.file.Graph.Output }

// Labels names the values of Output, if the model file holds names.
func (n *Network) Labels() []string { return slices.Clone(n.file.Graph.Labels) }

// File is what the network was made of; it must not be changed.
func (n *Network) File() *model.File { return n.file }

// Preparation says how pictures become the network's input.
func (n *Network) Preparation() picture.Preparation { return n.file.Graph.Prepare }

// layer resolves a layer name; "" is the default layer.
func (n *Network) layer(name string) (int, error) {
	if name == "" {
		name = n.DefaultLayer()
	}
	if t, ok := n.file.Graph.Tensor(name); ok && t > 0 {
		return t, nil
	}
	if t, ok := n.file.Graph.Module(name); ok {
		return t, nil
	}
	if t, ok := n.file.Graph.JoinedInto(name); ok {
		return 0, &Error{Code: CodeLayerUnknown, Msg: fmt.Sprintf("layer %q of model %s has no values of its own: it was joined with its batch normalisation, activation, padding or change of order into layer %q; ask for that one, or keep it with: likeness convert --keep %s",
			name, n.Name(), n.file.Graph.Tensors[t].Name, name)}
	}
	return 0, &Error{Code: CodeLayerUnknown, Msg: fmt.Sprintf("model %s has no layer %q; near it: %s (likeness inspect lists all)",
		n.Name(), name, strings.Join(n.near(name), ", "))}
}

// near returns the three layer names most like name, by the share of letter
// pairs in common (Dice's coefficient).
func (n *Network) near(name string) []string {
	pairs := func(s string) map[string]bool {
		m := map[string]bool{}
		s = strings.ToLower(s)
		for i := range len(s) - 1 {
			m[s[i:i+2]] = true
		}
		return m
	}
	want := pairs(name)
	names, score := make([]string, len(n.layers)), map[string]float64{}
	for i, l := range n.layers {
		names[i] = l.Name
		have, common := pairs(l.Name), 0
		for p := range have {
			if want[p] {
				common++
			}
		}
		score[l.Name] = 2 * float64(common) / float64(max(len(have)+len(want), 1))
	}
	sort.SliceStable(names, func(i, j int) bool { return score[names[i]] > score[names[j]] })
	return names[:min(3, len(names))]
}

// plan returns the plan for some tensors, made once.
func (n *Network) plan(keep []int) (*op.Plan, error) {
	key := fmt.Sprint(keep)
	n.mu.Lock()
	defer n.mu.Unlock()
	if p, ok := n.plans[key]; ok {
		return p, nil
	}
	p, err := op.NewPlan(&n.file.Graph, n.weights, keep)
	if err != nil {
		return nil, &Error{CodeModelInvalid, err.Error(), err}
	}
	n.plans[key] = p
	return p, nil
}

// Coded is an error with a code for programs: those of this package and of
// engine/picture, engine/signal, engine/learn and engine/tune.
type Coded interface {
	error
	ErrorCode() string
}

// CodeOf is the code of an error, "" for one without.
func CodeOf(err error) string {
	var c Coded
	if !errors.As(err, &c) {
		return ""
	}
	return c.ErrorCode()
}

// IsCode reports whether err has the given code.
func IsCode(err error, code string) bool { return CodeOf(err) == code }

// layerTensor is a kept layer of a session.
type layerTensor struct {
	index int
	graph.Tensor
}
