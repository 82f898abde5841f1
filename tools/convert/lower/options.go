package lower

import (
	"likeness/engine/picture"
)

// Options say which part of a file to take and how pictures are prepared.
type Options struct {
	Name    string
	Prepare picture.Preparation // input size 0: the file's own
	Default string              // default layer; "" is the last one kept
	Until   []string            // keep what these layers need; nil is everything
	Keep    []string            // layers that stay layers of their own
	Set     []string            // NAME=VALUE of inputs beside the picture
	Output  string              // layer of class scores
	Strip   string              // prefix to remove from layer names
}

// Remedy is what to do about a network that is refused for a reason that does
// not say.
const Remedy = "export the network again, or see models/IMPORT.md for what can be converted"
