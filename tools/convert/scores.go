package convert

import "likeness/tools/convert/nd"

// Scores is the layer of class scores and the number of its classes; none is "".
func (n *Network) Scores() (layer string, classes int) {
	t, ok := n.tensor(n.Output)
	if n.Output == "" || !ok {
		return "", 0
	}
	shape := n.Tensors[t].Shape
	if shape[0]*shape[1] != 1 {
		return "", 0 // scores of places
	}
	return n.Output, shape[2]
}

// PictureSize is the size of pictures that a graph takes, 0 where it leaves that
// open.
func PictureSize(g *nd.Graph) (width, height int) {
	for _, in := range g.Inputs {
		if _, h, w, err := pictureAxes(in); err == nil && g.Const[in.Name] == nil && h > 0 && w > 0 {
			return w, h
		}
	}
	return 0, 0
}

// LiteSize is PictureSize of a TensorFlow Lite file.
func LiteSize(data []byte) (width, height int) {
	if s := liteInput(data).shape; len(s) == 4 {
		return max(s[2], 0), max(s[1], 0)
	}
	return 0, 0
}

// LiteBytes reports whether a TensorFlow Lite file takes bytes, whose scale and zero
// settle which values they stand for.
func LiteBytes(data []byte) bool {
	in := liteInput(data)
	return in.typ == typeUint8 && len(in.scale) == 1
}

// liteInput is the picture of a TensorFlow Lite file.
func liteInput(data []byte) (in liteTensor) {
	defer func() {
		if recover() != nil {
			in = liteTensor{} // FromTFLite tells what is wrong with the file
		}
	}()
	im := &importer{}
	if len(data) < 8 || im.read(root(data)) != nil {
		return liteTensor{}
	}
	return im.tensors[im.inputs[0]]
}
