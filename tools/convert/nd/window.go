package nd

import "fmt"

// maxStep bounds kernel sizes, strides, dilations and pads.
const maxStep = 1 << 20

// window is how a convolution or pooling walks over one spatial axis. Output i
// reads inputs i*stride - begin + k*dilation, for k in 0..kernel.
type window struct {
	in, out, kernel, stride, dilation int
	begin, end                        int // padding; end may reach further where ceil_mode rounds up
}

// unit leaves an axis as it is; it fills up to three axes.
var unit = window{in: 1, out: 1, kernel: 1, stride: 1, dilation: 1}

// taps is the range of k that reads inside the input for output i.
func (w *window) taps(i int) (from, to int) {
	at := i*w.stride - w.begin
	if at < 0 {
		from = (-at + w.dilation - 1) / w.dilation
	}
	to = w.kernel
	if last := w.in - 1 - at; last < 0 {
		to = 0
	} else if n := last/w.dilation + 1; n < to {
		to = n
	}
	return min(from, to), to
}

// windows resolves the attributes kernel_shape, strides, dilations, pads,
// auto_pad and ceil_mode over the spatial axes of a shape [N][C][...]. kernel
// is the shape of the weights, or nil for what kernel_shape says.
func (c *call) windows(shape, kernel []int) ([]window, error) {
	rank := len(shape) - 2
	given := c.attrInts("kernel_shape")
	if kernel == nil {
		kernel = given
	}
	if len(kernel) != rank {
		return nil, fmt.Errorf("kernel_shape %v does not fit an input of shape %v", kernel, shape)
	}
	if given != nil && fmt.Sprint(given) != fmt.Sprint(kernel) {
		return nil, fmt.Errorf("kernel_shape %v contradicts weights of %v", given, kernel)
	}
	list := func(name string, n, least, def int) ([]int, error) {
		v := c.attrInts(name)
		if v == nil {
			v = make([]int, n)
			for i := range v {
				v[i] = def
			}
		}
		for _, x := range v {
			if x < least || x > maxStep {
				return nil, fmt.Errorf("%s %v is outside %d to %d", name, v, least, maxStep)
			}
		}
		if len(v) != n {
			return nil, fmt.Errorf("%s %v should be a list of %d", name, v, n)
		}
		return v, nil
	}
	strides, err := list("strides", rank, 1, 1)
	if err != nil {
		return nil, err
	}
	dilations, err := list("dilations", rank, 1, 1)
	if err != nil {
		return nil, err
	}
	pads, err := list("pads", 2*rank, 0, 0)
	if err != nil {
		return nil, err
	}
	auto, ceil := c.attrString("auto_pad", "NOTSET"), c.attrInt("ceil_mode", 0) != 0
	ws := make([]window, rank)
	for i := range ws {
		w := window{in: shape[2+i], kernel: kernel[i], stride: strides[i], dilation: dilations[i], begin: pads[i], end: pads[rank+i]}
		if w.kernel < 1 || w.kernel > maxStep {
			return nil, fmt.Errorf("kernel_shape %v is outside 1 to %d", kernel, maxStep)
		}
		if err := w.resolve(auto, ceil); err != nil {
			if err == errAutoPad {
				err = c.unsupported("auto_pad")
			}
			return nil, err
		}
		ws[i] = w
	}
	return ws, nil
}

var errAutoPad = fmt.Errorf("auto_pad is not one of NOTSET, VALID, SAME_UPPER, SAME_LOWER")

// resolve settles padding and output size.
func (w *window) resolve(auto string, ceil bool) error {
	span := (w.kernel-1)*w.dilation + 1
	switch auto {
	case "NOTSET", "":
	case "VALID":
		w.begin, w.end = 0, 0
	case "SAME_UPPER", "SAME_LOWER":
		w.out = (w.in + w.stride - 1) / w.stride
		pad := max((w.out-1)*w.stride+span-w.in, 0)
		w.begin = pad / 2
		if auto == "SAME_LOWER" {
			w.begin = pad - pad/2
		}
		w.end = pad - w.begin
		return nil
	default:
		return errAutoPad
	}
	free := w.in + w.begin + w.end - span
	if free < 0 {
		return fmt.Errorf("a window of %d does not fit %d numbers padded by %d and %d", span, w.in, w.begin, w.end)
	}
	w.out = free/w.stride + 1
	// With ceil_mode a last window may reach over the end, but it has to start
	// inside the input or the padding before it (as PyTorch has it).
	if ceil && free%w.stride != 0 && w.out*w.stride < w.in+w.begin {
		w.out++
	}
	return nil
}

// three puts unit axes in front.
func three(ws []window) [3]window {
	out := [3]window{unit, unit, unit}
	copy(out[3-len(ws):], ws)
	return out
}

// outShape is [n][channels][...].
func outShape(n, channels int, ws []window) []int {
	s := []int{n, channels}
	for _, w := range ws {
		s = append(s, w.out)
	}
	return s
}
