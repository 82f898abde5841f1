package nd

import (
	"fmt"
	"math"
	"slices"
)

var resizeOperators = map[string]operator{
	"Resize": {attrs: "antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value keep_aspect_ratio_policy mode nearest_mode",
		in: 1, most: 4, outs: 1, from: 10, infer: inferResize, eval: evalResize,
		note: "without antialias, tf_crop_and_resize and keep_aspect_ratio_policy"},
	"Upsample": {attrs: "mode scales<9", in: 1, most: 2, outs: 1, before: 10, infer: inferResize, eval: evalResize},
}

// resample is how one axis is resized: out numbers from in, scale times as
// dense. full is in * scale before it is rounded down.
type resample struct {
	in, out     int
	scale, full float64
}

// resolveResize finds the resampling of every axis.
func resolveResize(c *call) ([]resample, error) {
	x := c.shape(0)
	scales, sizes, list, err := resizeTargets(c)
	if err != nil {
		return nil, err
	}
	if (scales == nil) == (sizes == nil) || max(len(scales), len(sizes)) != len(list) {
		return nil, fmt.Errorf("scales %v and sizes %v: one of them should be given, for %d axes", scales, sizes, len(list))
	}
	axes := make([]resample, len(x))
	for i, d := range x {
		axes[i] = resample{d, d, 1, float64(d)}
	}
	for i, a := range list {
		r := &axes[a]
		if sizes != nil {
			if sizes[i] < 0 || sizes[i] > MaxElems || r.in == 0 && sizes[i] > 0 {
				return nil, fmt.Errorf("sizes %v do not fit an input of shape %v", sizes, x)
			}
			r.out, r.full = sizes[i], float64(sizes[i])
			if r.in > 0 {
				r.scale = r.full / float64(r.in)
			}
			continue
		}
		r.scale = float64(scales[i])
		r.full = float64(float32(r.in) * scales[i]) // in float32, as others do
		if !(r.scale > 0 && r.full <= MaxElems) {
			return nil, fmt.Errorf("scales %v are not positive or too large", scales)
		}
		r.out = int(r.full)
	}
	return axes, nil
}

// resizeTargets reads what the axes of list shall be: scales or sizes.
func resizeTargets(c *call) (scales []float32, sizes, list []int, err error) {
	for i := range c.shape(0) {
		list = append(list, i)
	}
	if given := c.attrInts("axes"); given != nil {
		if list, err = axes(given, len(c.shape(0))); err != nil {
			return nil, nil, nil, err
		}
	}
	if c.opset < 9 {
		if len(c.in) > 1 {
			return nil, nil, nil, c.lacking("scales as an input before operator set 9 are")
		}
		return c.attrFloats("scales"), nil, list, nil
	}
	at := 2
	if c.opset < 11 {
		at = 1
	}
	t, err := c.constant(at)
	if err != nil {
		return nil, nil, nil, err
	}
	if t != nil && len(t.Shape) == 1 && t.Shape[0] > 0 {
		if err := c.floats(at); err != nil {
			return nil, nil, nil, err
		}
		scales = t.F
	}
	if at == 2 {
		if sizes, err = c.constInts(3); err != nil {
			return nil, nil, nil, err
		}
		if len(sizes) == 0 {
			sizes = nil
		}
	}
	return scales, sizes, list, nil
}

// interpolation is the attributes of Resize.
type interpolation struct {
	mode, coordinate, nearest string
	a                         float64 // of cubic
	exclude                   bool
}

func (c *call) interpolation() (interpolation, error) {
	p := interpolation{
		mode:       c.attrString("mode", "nearest"),
		coordinate: c.attrString("coordinate_transformation_mode", "half_pixel"),
		nearest:    c.attrString("nearest_mode", "round_prefer_floor"),
		a:          float64(c.attrFloat("cubic_coeff_a", -0.75)),
		exclude:    c.attrInt("exclude_outside", 0) != 0,
	}
	c.attrFloat("extrapolation_value", 0)
	if c.opset < 11 { // it had neither
		p.coordinate, p.nearest = "asymmetric", "simple"
	}
	for _, v := range []struct {
		attr, value string
		known       []string
	}{
		{"mode", p.mode, []string{"nearest", "linear", "cubic"}},
		{"coordinate_transformation_mode", p.coordinate, []string{"half_pixel", "half_pixel_symmetric",
			"pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn"}},
		{"nearest_mode", p.nearest, []string{"round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple"}},
		{"keep_aspect_ratio_policy", c.attrString("keep_aspect_ratio_policy", "stretch"), []string{"stretch"}},
	} {
		if !slices.Contains(v.known, v.value) {
			return p, c.unsupported(v.attr)
		}
	}
	if c.attrInt("antialias", 0) != 0 {
		return p, c.unsupported("antialias")
	}
	return p, nil
}

func inferResize(c *call) error {
	p, err := c.interpolation()
	if err != nil {
		return err
	}
	if p.mode != "nearest" {
		if err := c.floats(0); err != nil {
			return err
		}
	}
	rs, err := resolveResize(c)
	if err != nil {
		return err
	}
	shape := make([]int, len(rs))
	for i, r := range rs {
		shape[i] = r.out
	}
	return c.set(c.in[0].Type, shape)
}

func evalResize(c *call, y []*Tensor) error {
	p, err := c.interpolation()
	if err != nil {
		return err
	}
	rs, err := resolveResize(c)
	if err != nil {
		return err
	}
	x := c.x(0)
	if p.mode == "nearest" {
		maps := make([][]int, len(rs))
		for i, r := range rs {
			maps[i] = make([]int, r.out)
			for j := range maps[i] {
				maps[i][j] = r.near(p, j)
			}
		}
		pick(y[0], x, maps)
		return nil
	}
	for i, r := range rs {
		if r.scale != 1 {
			x = r.along(p, x, i)
		}
	}
	duplicate(y[0], x)
	return nil
}

// at is where output j lies on the input axis.
func (r resample) at(coordinate string, j int) float64 {
	v := float64(j)
	switch coordinate {
	case "asymmetric":
		return v / r.scale
	case "tf_half_pixel_for_nn":
		return (v + 0.5) / r.scale
	case "align_corners":
		if r.full == 1 {
			return 0
		}
		return v * float64(r.in-1) / (r.full - 1)
	case "pytorch_half_pixel":
		if r.full <= 1 {
			return 0
		}
	case "half_pixel_symmetric":
		center := float64(r.in) / 2
		return center*(1-float64(r.out)/r.full) + (v+0.5)/r.scale - 0.5
	}
	return (v+0.5)/r.scale - 0.5
}

func (r resample) clamp(i float64) int { return int(min(max(i, 0), float64(r.in-1))) }

// near is the input index that output j copies.
func (r resample) near(p interpolation, j int) int {
	if r.scale == 1 {
		return j
	}
	v := r.at(p.coordinate, j)
	switch p.nearest {
	case "floor":
		return r.clamp(math.Floor(v))
	case "ceil":
		return r.clamp(math.Ceil(v))
	case "round_prefer_ceil":
		return r.clamp(math.Floor(v + 0.5))
	case "simple": // before operator set 11 nothing is said; this is what runtimes do
		if r.scale < 1 {
			return r.clamp(math.Ceil(v))
		}
		return r.clamp(math.Floor(v))
	}
	return r.clamp(math.Ceil(v - 0.5))
}

// taps are the weights of the inputs floor(v)-1 to floor(v)+2 at v.
func (r resample) taps(p interpolation, v float64) (from int, w [4]float64) {
	from = int(math.Floor(v)) - 1
	t := v - math.Floor(v)
	if p.mode == "linear" {
		return from, [4]float64{0, 1 - t, t, 0}
	}
	near := func(d float64) float64 { return ((p.a+2)*d-(p.a+3))*d*d + 1 }
	far := func(d float64) float64 { return ((p.a*d-5*p.a)*d+8*p.a)*d - 4*p.a }
	w = [4]float64{far(1 + t), near(t), near(1 - t), far(2 - t)}
	if p.exclude {
		sum := 0.0
		for i := range w {
			if at := from + i; at < 0 || at >= r.in {
				w[i] = 0
			}
			sum += w[i]
		}
		for i := range w {
			w[i] /= sum
		}
	}
	return from, w
}

// along resizes one axis.
func (r resample) along(p interpolation, x *Tensor, axis int) *Tensor {
	shape := slices.Clone(x.Shape)
	shape[axis] = r.out
	y := New(x.Type, shape)
	if len(x.F) == 0 || len(y.F) == 0 {
		return y
	}
	inner := alongAxis(x.Shape, axis).n / r.in
	parallel(len(y.F)/inner, 1<<13/inner+1, func(lo, hi int) {
		for o := lo; o < hi; o++ {
			v := r.at(p.coordinate, o%r.out)
			if p.mode == "linear" {
				v = min(max(v, 0), float64(r.in-1))
			}
			from, w := r.taps(p, v)
			out := y.F[o*inner:][:inner]
			for k, weight := range w {
				if weight == 0 {
					continue
				}
				i := min(max(from+k, 0), r.in-1)
				for j, v := range x.F[(o/r.out*r.in+i)*inner:][:inner] {
					out[j] += float32(float32(weight) * v)
				}
			}
		}
	})
	return y
}
