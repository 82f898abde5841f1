package engine

import (
	"fmt"
	"math"
	"slices"

	"likeness/engine/internal/op"
	"likeness/engine/picture"
)

// Session runs a network on one picture after the other, without allocating.
// It is not safe for concurrent use; sessions of one network are cheap beside
// its weights, so open one for each goroutine.
type Session struct {
	net    *Network
	plan   *op.Plan
	arena  []int16
	prep   *picture.Preparer
	input  []int16 // the prepared picture, when the arena's has a border
	layers []layerTensor
	// tiles holds the kept layers of every tile but the last, which lies in the
	// arena; it is empty for pictures of one tile.
	tiles  [][]int16
	sums   []int64
	values []float64
	powers []float64 // of the channels, for generalised means
	ran    bool
}

// NewSession plans the part of the network that the layers need; without
// layers, the default one.
func (n *Network) NewSession(layers ...string) (*Session, error) {
	if len(layers) == 0 {
		layers = []string{""}
	}
	s := &Session{net: n}
	var keep []int
	for _, name := range layers {
		t, err := n.layer(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(keep, t) {
			keep = append(keep, t)
			s.layers = append(s.layers, layerTensor{t, n.file.Graph.Tensors[t]})
		}
	}
	slices.Sort(keep)
	var err error
	if s.plan, err = n.plan(keep); err != nil {
		return nil, err
	}
	s.arena = make([]int16, s.plan.ArenaLen())
	return s, s.Resize(n.Preparation().Resize)
}

// Resize chooses how the next pictures are brought to the network's input
// size: one of picture.Resizes. At first it is what the model file says.
func (s *Session) Resize(resize string) error {
	_, row, px := s.plan.Input()
	p := s.net.Preparation().Resized(resize)
	prep, err := picture.NewPreparer(p, s.net.file.Graph.Tensors[0].Scale, px)
	if err != nil {
		return &Error{CodeResizeUnknown, err.Error(), err}
	}
	s.prep = prep
	if row != p.Width*px && s.input == nil {
		s.input = make([]int16, p.Height*p.Width*px)
	}
	return nil
}

// Preparation is how the next pictures are prepared: the network's, with what
// Resize has chosen.
func (s *Session) Preparation() picture.Preparation { return s.prep.Preparation() }

// Run prepares a picture and computes the session's layers.
func (s *Session) Run(px *picture.Pixels) error {
	s.ran = false
	if err := s.prep.Load(px); err != nil {
		return err
	}
	return s.compute()
}

// RunPicture is Run of an encoded picture, which is decoded only as finely as
// the network needs. Notes tells what there is to say of it.
func (s *Session) RunPicture(p *picture.Picture) error {
	s.ran = false
	if err := s.prep.LoadPicture(p); err != nil {
		return err
	}
	return s.compute()
}

// Notes tells what there is to say of the last picture, such as that nothing
// is to be seen in it, until the next run.
func (s *Session) Notes() []picture.Note { return s.prep.Notes() }

// Memory is the most bytes that RunPicture takes for a picture, beside its file
// and the session.
func (s *Session) Memory(p *picture.Picture) (int64, error) { return s.prep.Memory(p) }

// maxTileBytes bounds the layers that are kept of the tiles of one picture.
const maxTileBytes = 256 << 20

// compute runs the network on every tile of the loaded picture.
func (s *Session) compute() error {
	n := s.prep.Tiles()
	s.tiles = s.tiles[:0]
	values := 0
	for _, t := range s.layers {
		values += t.Elems()
	}
	if int64(n-1)*2*int64(values) > maxTileBytes {
		return &Error{Code: picture.CodeTooLarge, Msg: fmt.Sprintf("the picture is taken in %d tiles, whose layers need %d MB, more than %d: take a layer nearer to the end, or resize fit",
			n, int64(n-1)*2*int64(values)>>20, maxTileBytes>>20)}
	}
	for i := range n {
		s.prepare(i)
		s.plan.Run(s.arena)
		if i < n-1 {
			s.keepTile()
		}
	}
	s.ran = true
	return nil
}

// prepare writes the network's input.
func (s *Session) prepare(tile int) {
	off, row, stride := s.plan.Input()
	width, height := s.net.Preparation().Width*stride, s.net.Preparation().Height
	if s.input == nil {
		s.prep.Tile(s.arena[off:][:height*width], tile)
		return
	}
	s.prep.Tile(s.input, tile)
	for y := range height {
		copy(s.arena[off+y*row:][:width], s.input[y*width:])
	}
}

// keepTile copies the session's layers out of the arena, without padding.
func (s *Session) keepTile() {
	for _, t := range s.layers {
		data, stride := s.plan.Tensor(s.arena, t.index)
		c := t.Shape[2]
		kept := make([]int16, 0, t.Elems())
		for r := range t.Shape[0] * t.Shape[1] {
			kept = append(kept, data[r*stride:][:c]...)
		}
		s.tiles = append(s.tiles, kept)
	}
}

// VectorLen is the length of the vectors that Vector returns.
func (s *Session) VectorLen(layer string, pool Pool) (int, error) {
	t, err := s.kept(layer)
	if err != nil {
		return 0, err
	}
	if !pool.known() {
		return 0, unknownPool(string(pool))
	}
	if pool == PoolFlatten || pool == PoolNone {
		return t.Elems(), nil
	}
	return t.Shape[2], nil
}

func (s *Session) kept(layer string) (layerTensor, error) {
	i, err := s.net.layer(layer)
	if err != nil {
		return layerTensor{}, err
	}
	for _, t := range s.layers {
		if t.index == i {
			return t, nil
		}
	}
	return layerTensor{}, &Error{Code: CodeLayerUnknown, Msg: fmt.Sprintf("layer %q was not asked for when the session was opened", layer)}
}

// Vector returns a layer of the last picture, pooled and, if normalize is set,
// divided by its Euclidean length. A vector of zeros stays as it is.
func (s *Session) Vector(layer string, pool Pool, normalize bool) ([]float32, error) {
	n, err := s.VectorLen(layer, pool)
	if err != nil {
		return nil, err
	}
	v := make([]float32, n)
	return v, s.VectorInto(v, layer, pool, normalize)
}

// VectorInto is Vector into dst, of length VectorLen.
func (s *Session) VectorInto(dst []float32, layer string, pool Pool, normalize bool) error {
	t, err := s.kept(layer)
	if err != nil {
		return err
	}
	if !s.ran {
		return &Error{Code: CodeNotRun, Msg: "the session has not run on a picture yet"}
	}
	n, err := s.VectorLen(layer, pool)
	if err != nil {
		return err
	}
	if len(dst) != n {
		panic("engine: VectorInto: wrong length")
	}
	if cap(s.values) < n {
		s.values, s.sums = make([]float64, n), make([]int64, n)
	}
	values := s.values[:n]
	clear(values)
	each, at := len(s.layers), slices.IndexFunc(s.layers, func(l layerTensor) bool { return l.index == t.index })
	for i := at; i < len(s.tiles); i += each {
		s.addPooled(values, t, pool, s.tiles[i], t.Shape[2])
	}
	data, stride := s.plan.Tensor(s.arena, t.index)
	s.addPooled(values, t, pool, data, stride)
	length := float64(len(s.tiles)/each + 1)
	if normalize {
		length = norm(values)
	}
	for i, v := range values {
		dst[i] = float32(v / length)
	}
	return nil
}

// norm is the Euclidean length, summed in order with each product rounded, or
// 1 for zeros.
func norm(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x * x)
	}
	if sum == 0 {
		return 1
	}
	return math.Sqrt(sum)
}
