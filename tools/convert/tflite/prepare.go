package tflite

import (
	"fmt"
	"slices"

	"likeness/tools/convert/float"
)

// Preparation is what a TensorFlow Lite file tells of the values of pixels,
// and how: its input is of 8-bit integers, whose value is scale * (pixel - zero);
// or the network scales and shifts its input itself, which is then 0 to 255. why
// is empty where it tells nothing.
func Preparation(data []byte) (mean, std float64, why string) {
	defer func() {
		if recover() != nil {
			why = "" // Read tells what is wrong with the file
		}
	}()
	im := &importer{}
	if len(data) < 8 || im.read(root(data)) != nil {
		return 0, 0, ""
	}
	in := im.tensors[im.inputs[0]]
	if in.typ == typeUint8 && len(in.scale) == 1 && len(in.zero) <= 1 && in.scale[0] > 0 {
		for _, z := range in.zero {
			mean = float64(z)
		}
		return mean, 1 / in.scale[0], fmt.Sprintf("as the scale and zero of the file's input say: mean %.6g, std %.6g", mean, 1/in.scale[0])
	}
	for _, op := range im.ops {
		if slices.Contains(op.inputs, im.inputs[0]) && slices.Contains(scaling, op.code) && len(op.inputs) == 2 {
			return 0, 1, "as values of 0 to 255: the network scales and shifts its input itself"
		}
	}
	return 0, 0, ""
}

// scaling are the operators ADD, MUL, SUB and DIV.
var scaling = []int32{0, 18, 41, 42}

// start makes the picture, grey where the file takes one channel.
func (im *importer) start() error {
	in := &im.tensors[im.inputs[0]]
	p := im.opt.Prepare
	if p.Width == 0 {
		if len(in.shape) != 4 {
			return fmt.Errorf("input %q has shape %v, [1 H W 3] is wanted", in.name, in.shape)
		}
		p.Height, p.Width = in.shape[1], in.shape[2]
		p.Side = max(p.Side, p.Height*256/224, p.Width)
	}
	grey := len(in.shape) == 4 && in.shape[3] == 1
	if len(in.shape) == 4 && in.shape[3] != 3 && !grey {
		return fmt.Errorf("input %q has %d channels, three are wanted (red, green, blue), or one (grey): networks of others are not supported", in.name, in.shape[3])
	}
	if grey {
		p.Mean, p.Std = float.Alike(p.Mean, p.Order), float.Alike(p.Std, p.Order)
	}
	if p.Resize == "shorter" && p.Side == 0 {
		p.Side = max((p.Height*256+112)/224, p.Width, p.Height)
	}
	if err := p.Validate(); err != nil {
		return err
	}
	im.net = float.Network{Name: im.opt.Name, Prepare: p}
	im.made[im.inputs[0]] = im.add("input", [3]int{p.Height, p.Width, 3}, float.Tensor{})
	if grey {
		n := float.GreyNode(p.Order)
		t := float.Tensor{Invented: true}
		t.Min, t.Max, t.HasRange = in.declared()
		n.ActMin, n.ActMax = float.Unclamped()
		n.Output = im.add("grey", [3]int{p.Height, p.Width, 1}, t)
		n.Rename("grey")
		im.net.Nodes = append(im.net.Nodes, n)
		im.made[im.inputs[0]] = n.Output
	}
	return nil
}

// cutHint proposes the layer before an operator that cannot be converted.
func (im *importer) cutHint(op *liteOp) string {
	for _, in := range op.inputs {
		if made, ok := im.made[in]; ok && made > 0 && in != im.inputs[0] {
			return fmt.Sprintf("; --until %s keeps the network up to the layer before", im.layerName(in))
		}
	}
	return ""
}
