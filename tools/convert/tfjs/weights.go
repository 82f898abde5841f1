package tfjs

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"strings"

	"likeness/engine/printable"
	"likeness/tools/convert/failure"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
)

// maxWeightBytes bounds all weights of a model together, as they are held:
// four bytes of memory for a float, eight for an integer.
const maxWeightBytes = 2 << 30

type weightGroup struct {
	Paths   []string     `json:"paths"`
	Weights []weightSpec `json:"weights"`
}

type weightSpec struct {
	Name         string  `json:"name"`
	Shape        []int64 `json:"shape"`
	DType        string  `json:"dtype"`
	Quantization *struct {
		DType string   `json:"dtype"`
		Scale *float64 `json:"scale"`
		Min   *float64 `json:"min"`
	} `json:"quantization"`
}

// stored is how a weight lies in its shard.
func (w *weightSpec) stored() string {
	if w.Quantization != nil {
		return w.Quantization.DType
	}
	return w.DType
}

// storedSizes are the bytes of an element.
var storedSizes = map[string]int{"float32": 4, "int32": 4, "float16": 2, "uint16": 2, "uint8": 1, "bool": 1}

func (w *weightSpec) fail(format string, args ...any) error {
	return &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("weight %q: ", w.Name) + fmt.Sprintf(format, args...)}
}

// check returns the shape and the number of elements.
func (w *weightSpec) check() ([]int, int, error) {
	size := storedSizes[w.stored()]
	switch q := w.Quantization; {
	case size == 0:
		return nil, 0, w.fail("type %q is not supported; float32, int32, bool and uint8 are, and quantisation to uint8, uint16 and float16", w.stored())
	case q != nil && q.DType != "uint8" && q.DType != "uint16" && q.DType != "float16":
		return nil, 0, w.fail("quantisation to %q is not supported; uint8, uint16 and float16 are", q.DType)
	case q != nil && w.DType != "float32" && w.DType != "int32":
		return nil, 0, w.fail("quantisation of %q is not supported; float32 and int32 are", w.DType)
	case q != nil && q.DType != "float16" && (q.Scale == nil || q.Min == nil || !finite(*q.Scale) || !finite(*q.Min)):
		return nil, 0, w.fail("its quantisation lacks a scale or a min")
	case q == nil && (w.DType == "float16" || w.DType == "uint16"):
		return nil, 0, w.fail("type %q is only known as a quantisation", w.DType)
	}
	shape := make([]int, len(w.Shape))
	for i, d := range w.Shape {
		if d < 0 || d > nd.MaxElems {
			return nil, 0, w.fail("shape %v is out of range", w.Shape)
		}
		shape[i] = int(d)
	}
	n := nd.Elems(shape)
	if n < 0 || len(shape) > tensorflow.MaxRank {
		return nil, 0, w.fail("shape %v is too large", w.Shape)
	}
	return shape, n, nil
}

func finite(v float64) bool { return math.Abs(v) <= math.MaxFloat32 }

// maxShards bounds the files of one model; TensorFlow.js writes 4 MiB a shard.
const maxShards = 4096

// checkManifest refuses a manifest that names a file twice, or very many.
func checkManifest(groups []weightGroup) error {
	seen := map[string]bool{}
	for _, g := range groups {
		for _, p := range g.Paths {
			if seen[path.Clean(p)] {
				return &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("the manifest names shard %q twice: export the model again", printable.Clip(p))}
			}
			if seen[path.Clean(p)] = true; len(seen) > maxShards {
				return &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("the manifest names more than %d shards: export the model with larger ones", maxShards)}
			}
		}
	}
	return nil
}

// readWeights reads all groups from files below dir.
func readWeights(fsys fs.FS, dir string, groups []weightGroup) (map[string]*nd.Tensor, error) {
	if err := checkManifest(groups); err != nil {
		return nil, err
	}
	all := map[string]*nd.Tensor{}
	left := int64(maxWeightBytes)
	for i := range groups {
		if err := groups[i].read(fsys, dir, all, &left); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// read adds the group's weights to all. The shards must hold exactly the bytes
// that the manifest declares, which is known before they are read.
func (g *weightGroup) read(fsys fs.FS, dir string, all map[string]*nd.Tensor, left *int64) error {
	var want, held int64
	for i := range g.Weights {
		_, n, err := g.Weights[i].check()
		if err != nil {
			return err
		}
		want += int64(n) * int64(storedSizes[g.Weights[i].stored()])
		each := int64(4)
		if g.Weights[i].DType != "float32" {
			each = 8
		}
		if held += int64(n) * each; held > *left {
			return &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("the manifest declares weights that take more than %d bytes of memory", int64(maxWeightBytes))}
		}
	}
	*left -= held
	data, err := readShards(fsys, dir, g.Paths, want)
	if err != nil {
		return err
	}
	for i := range g.Weights {
		w := &g.Weights[i]
		if _, twice := all[w.Name]; twice {
			return w.fail("the manifest declares it twice")
		}
		t, rest, err := w.decode(data)
		if err != nil {
			return err
		}
		all[w.Name], data = t, rest
	}
	return nil
}

// shard is a file of weights; a module holds them in base64.
type shard struct {
	name   string
	module bool
}

// findShard looks for a shard below dir. One that exists only as a module
// (NAME.min.js) is decoded from that. size is how much it holds, about.
func findShard(fsys fs.FS, dir, p string) (s shard, size int64, err error) {
	name := path.Join(dir, p)
	if strings.Contains(p, `\`) || path.IsAbs(p) || !fs.ValidPath(name) || dir != "." && !strings.HasPrefix(name, dir+"/") {
		return s, 0, &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("shard %q lies outside the model's folder", p)}
	}
	info, err := fs.Stat(fsys, name)
	if err == nil {
		return shard{name, false}, info.Size(), nil
	}
	module, errModule := fs.Stat(fsys, name+".min.js")
	switch {
	case errModule == nil:
		return shard{name + ".min.js", true}, module.Size() / 4 * 3, nil
	case errors.Is(err, fs.ErrNotExist):
		return s, 0, &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("shard %q is missing: put it beside model.json", p)}
	}
	return s, 0, &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("shard %q cannot be read: %v", p, err)}
}

// readShards joins the files, which must have want bytes together.
func readShards(fsys fs.FS, dir string, paths []string, want int64) ([]byte, error) {
	var shards []shard
	var have int64
	for _, p := range paths {
		s, size, err := findShard(fsys, dir, p)
		if err != nil {
			return nil, err
		}
		if have += size; have > want+1<<20 { // modules hold some code, too
			break
		}
		shards = append(shards, s)
	}
	differs := func(have int64) error {
		return &failure.Error{Code: failure.CodeFile, Reason: fmt.Sprintf("the shards %q hold %d bytes, the manifest declares %d: a file is damaged or of another model", paths[:min(len(paths), 4)], have, want)}
	}
	if len(shards) < len(paths) || have < want {
		return nil, differs(have)
	}
	data := make([]byte, 0, want)
	for _, s := range shards {
		d, err := readLimited(fsys, s.name, maxWeightBytes)
		if err == nil && s.module {
			d, err = moduleBytes(d)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		data = append(data, d...)
	}
	if int64(len(data)) != want {
		return nil, differs(int64(len(data)))
	}
	return data, nil
}

// decode reads one weight from the front of data and returns what follows.
func (w *weightSpec) decode(data []byte) (*nd.Tensor, []byte, error) {
	shape, n, err := w.check()
	if err != nil {
		return nil, nil, err
	}
	size := storedSizes[w.stored()]
	data, rest := data[:n*size], data[n*size:]
	t := &nd.Tensor{Type: map[string]nd.Type{"int32": nd.Int32, "bool": nd.Bool, "uint8": nd.Uint8}[w.DType], Shape: shape}
	scale, low := 1.0, 0.0
	if q := w.Quantization; q != nil && q.DType != "float16" {
		scale, low = *q.Scale, *q.Min
	}
	real := func(i int) float64 { // the value at i, before it is rounded to its type
		switch size {
		case 1:
			return float64(data[i])*scale + low
		case 2:
			h := binary.LittleEndian.Uint16(data[2*i:])
			if w.stored() == "float16" {
				return float64(nd.Half(h))
			}
			return float64(h)*scale + low
		}
		v := binary.LittleEndian.Uint32(data[4*i:])
		if w.stored() == "int32" {
			return float64(int32(v))
		}
		return float64(math.Float32frombits(v))
	}
	if !t.Type.IsFloat() {
		t.I = make([]int64, n)
		for i := range t.I {
			t.I[i] = int64(math.Round(real(i)))
		}
		return t, rest, nil
	}
	t.F = make([]float32, n)
	for i := range t.F {
		v := real(i)
		if !finite(v) && t.Fault == nil {
			t.Fault = w.fail("value %d is %v, which no network can use", i, v)
		}
		t.F[i] = float32(v)
	}
	return t, rest, nil
}
