package tensorflow

import "math"

// Options settle what a file may leave open.
type Options struct {
	// Height and Width of the picture, pixels: they are needed when the file
	// fixes none, and must agree with the file when it does. 0 takes the file's.
	Height, Width int
	// Partial lets nodes and weights that are not supported pass, marked with
	// their Fault: they may not be needed.
	Partial bool
}

// opset is the version of ONNX's operators that the graph is written in.
const opset = 17

// negInf is the end of a limit that there is not.
var negInf = float32(math.Inf(-1))
