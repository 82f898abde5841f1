package tflite

// Size is PictureSize of a TensorFlow Lite file.
func Size(data []byte) (width, height int) {
	if s := liteInput(data).shape; len(s) == 4 {
		return max(s[2], 0), max(s[1], 0)
	}
	return 0, 0
}

// Bytes reports whether a TensorFlow Lite file takes bytes, whose scale and zero
// settle which values they stand for.
func Bytes(data []byte) bool {
	in := liteInput(data)
	return in.typ == typeUint8 && len(in.scale) == 1
}

// liteInput is the picture of a TensorFlow Lite file.
func liteInput(data []byte) (in liteTensor) {
	defer func() {
		if recover() != nil {
			in = liteTensor{} // Read tells what is wrong with the file
		}
	}()
	im := &importer{}
	if len(data) < 8 || im.read(root(data)) != nil {
		return liteTensor{}
	}
	return im.tensors[im.inputs[0]]
}
