// Package graph describes a network: its tensors, its operators and the rules
// that make a description valid (shapes, quantised ranges, accumulator bounds).
// It knows no kernels and no files; engine/model stores it, engine/internal/op runs it.
package graph

import (
	"fmt"
	"slices"
	"strings"

	"likeness/engine/picture"
	"likeness/engine/printable"
)

// Operator names, as they stand in a model file.
const (
	Conv           = "conv"            // weights [O][KH][KW][I/groups]; depthwise when groups == I == O
	FullyConnected = "fully_connected" // weights [O][I]; input flattened in HWC order
	Add            = "add"             // either operand is broadcast along axes of length 1
	Sub            = "sub"             // first minus second, else as Add
	Mul            = "mul"             // as Add
	Concat         = "concat"          // along channels
	GatherChannels = "gather_channels" // output channel i is input channel Channels[i]
	Crop           = "crop"            // rows and columns from Start, Stride apart
	MaxPool        = "max_pool"
	AvgPool        = "avg_pool" // padding is not counted unless CountPad
	GlobalAvgPool  = "global_avg_pool"
	GlobalMaxPool  = "global_max_pool"
	Activation     = "activation" // element-wise function named by Fn
	Softmax        = "softmax"    // over channels; output scale 1/32767
	LogSoftmax     = "log_softmax"
	LayerNorm      = "layer_norm"     // over the channels of each place; Epsilon, Weights
	GroupNorm      = "group_norm"     // over all places and the channels of each of Groups; Epsilon, Weights
	LRN            = "lrn"            // local response normalisation across channels; Size, Alpha, Beta, Shift
	PReLU          = "prelu"          // slope by channel; Weights
	DepthToSpace   = "depth_to_space" // Block, Order
	SpaceToDepth   = "space_to_depth" // Block, Order
	Resize         = "resize"         // Fn nearest or linear, Coordinates, Rounding, Zoom
	Pad            = "pad"            // zeros around H and W
	Reshape        = "reshape"        // HWC order kept; flatten is reshape to [1,1,N]
)

// Graph is a network in execution order: each node reads tensors produced
// before it. Tensor 0 is the prepared picture.
type Graph struct {
	Name    string              `json:"name"`
	Tensors []Tensor            `json:"tensors"`
	Nodes   []Node              `json:"nodes"`
	Prepare picture.Preparation `json:"prepare"`
	// DefaultLayer is the tap used when none is asked for.
	DefaultLayer string `json:"default_layer"`
	// Output names the last tensor of interest (logits), if the network has a head.
	Output string   `json:"output,omitempty"`
	Labels []string `json:"labels,omitempty"`
}

// Tensor is an activation of shape [H, W, C] (batch 1, NHWC), int16 at run
// time. The real value of q is q*Scale; every q lies in [Lo, Hi].
type Tensor struct {
	Name  string  `json:"name"`
	Shape [3]int  `json:"shape"`
	Scale float32 `json:"scale"`
	Lo    int16   `json:"lo"`
	Hi    int16   `json:"hi"`
	// Also are further names of the same values: of layers that were joined
	// into one.
	Also []string `json:"also,omitempty"`
	// Joined are layers of the original network whose own values are not
	// computed, because this operator does their work too: a convolution before
	// its batch normalisation and ReLU. No vector is taken by these names.
	Joined []string `json:"joined,omitempty"`
}

// Elems is H*W*C.
func (t Tensor) Elems() int { return t.Shape[0] * t.Shape[1] * t.Shape[2] }

// Node is one operator. Fields that do not belong to Op are zero.
type Node struct {
	Op     string `json:"op"`
	Name   string `json:"name"`
	Inputs []int  `json:"inputs"` // indices into Graph.Tensors
	Output int    `json:"output"`

	Kernel   [2]int  `json:"kernel,omitzero"` // height, width
	Stride   [2]int  `json:"stride,omitzero"`
	Dilation [2]int  `json:"dilation,omitzero"`
	Pads     [4]int  `json:"pads,omitzero"` // top, left, bottom, right
	Groups   int     `json:"groups,omitzero"`
	CountPad bool    `json:"count_pad,omitzero"`
	Fn       string  `json:"fn,omitzero"`
	Alpha    float64 `json:"alpha,omitzero"`
	Beta     float64 `json:"beta,omitzero"`
	Channels []int   `json:"channels,omitzero"`
	Start    [2]int  `json:"start,omitzero"` // row, column
	Epsilon  float64 `json:"epsilon,omitzero"`
	Size     int     `json:"size,omitzero"`
	Shift    float64 `json:"shift,omitzero"`
	Block    int     `json:"block,omitzero"`
	Order    string  `json:"order,omitzero"`

	Coordinates string     `json:"coordinates,omitzero"`
	Rounding    string     `json:"rounding,omitzero"`
	Zoom        [2]float64 `json:"zoom,omitzero"` // height, width; output over input size if 0

	// Weights names the parameters of Conv and FullyConnected: the file holds
	// NAME.weight (int8), NAME.scale (float32, one per output channel, the real
	// weight is w*scale) and NAME.bias (int32, in units of input scale * weight
	// scale). Those of LayerNorm, GroupNorm and PReLU are NAME.gain and, but
	// for PReLU, NAME.offset (float32, one per channel).
	Weights string `json:"weights,omitzero"`
}

// Params are the parameters of one node: quantised ones of Conv and
// FullyConnected, real ones where FloatParams.
type Params struct {
	Weight []int8    // [O][KH][KW][I/groups], or [O][I]
	Scale  []float32 // [O]
	Bias   []int32   // [O]

	Gain   []float32 // [C]: of LayerNorm and GroupNorm, or the slopes of PReLU
	Offset []float32 // [C], LayerNorm and GroupNorm only
}

// Limits on what a description may ask for, checked before anything is
// allocated.
const (
	MaxNodes       = 4096
	MaxInputs      = MaxNodes // of one operator
	MaxDim         = 1 << 16
	MaxChannels    = 1 << 20 // listed by gather_channels; networks have thousands
	MaxTensorElems = 1 << 27
	MaxTaps        = 1 << 16 // places in a window: their sum fits int32
	MaxName        = 1024    // bytes of a name
	MaxAlso        = 4096    // further names of one tensor
	MaxLabels      = 1 << 17
)

// Tensor returns the index of the tensor with the given layer name, or with
// that among its further names.
func (g *Graph) Tensor(name string) (int, bool) {
	for i, t := range g.Tensors {
		if t.Name == name {
			return i, true
		}
	}
	for i, t := range g.Tensors {
		if slices.Contains(t.Also, name) {
			return i, true
		}
	}
	return 0, false
}

// Module returns the index of the last tensor of a part of the network: one of
// whose names has the part's name between slashes, perhaps with a number that
// Keras 3 adds: "block5_pool" leads to "vgg16_1/block5_pool_1". ok is false where
// several parts have that name, so that the whole name is needed, and where the
// part's last values were joined away.
func (g *Graph) Module(name string) (t int, ok bool) {
	t, own := g.part(name)
	return t, t > 0 && own
}

// JoinedInto returns the index of the tensor into which the layer, or the last
// layer of the part, of that name was joined.
func (g *Graph) JoinedInto(name string) (t int, ok bool) {
	for i, tensor := range g.Tensors {
		if slices.Contains(tensor.Joined, name) {
			return i, true
		}
	}
	t, own := g.part(name)
	return t, t > 0 && !own
}

// part finds the last tensor of a part of the network, 0 for none or several
// parts of that name; own is false where the part's last layer was joined into
// that tensor, whose values are then another layer's.
func (g *Graph) part(name string) (t int, own bool) {
	if name == "" {
		return 0, false
	}
	scope := ""
	for i, tensor := range g.Tensors {
		names := slices.Concat(tensor.Joined, []string{tensor.Name}, tensor.Also) // in the order of computing
		for k, full := range names {
			before, in := partOf(full, name)
			switch {
			case !in || i == 0:
				continue
			case t == 0:
				scope = before
			case before != scope:
				return 0, false
			}
			t, own = i, k >= len(tensor.Joined)
		}
	}
	return t, own
}

// partOf reports whether one of the parts of a name between slashes is a
// module's, and what stands before it.
func partOf(name, module string) (before string, ok bool) {
	name, _, _ = strings.Cut(name, ":")
	at := 0
	for part := range strings.SplitSeq(name, "/") {
		rest, is := strings.CutPrefix(part, module)
		if number, numbered := strings.CutPrefix(rest, "_"); is && (rest == "" || numbered && number != "" && strings.Trim(number, "0123456789") == "") {
			return strings.TrimPrefix(name[:at], "StatefulPartitionedCall/"), true
		}
		at += len(part) + 1
	}
	return "", false
}

// IsDepthwise reports whether a Conv node has one filter per channel.
func (n *Node) IsDepthwise(g *Graph) bool {
	c := g.Tensors[n.Inputs[0]].Shape[2]
	return n.Op == Conv && n.Groups == c && n.Groups > 1 && g.Tensors[n.Output].Shape[2] == c
}

// FloatParams reports whether the parameters are real numbers.
func (n *Node) FloatParams() bool { return paramsOf(n.Op) >= gains }

// HasOffset reports whether the real parameters have offsets beside the gains.
func (n *Node) HasOffset() bool { return paramsOf(n.Op) == gainsAndOffsets }

// WeightShape gives [O, KH, KW, I/groups], [O, 1, 1, I] for FullyConnected and
// [C, 1, 1, 1] where FloatParams.
func (n *Node) WeightShape(g *Graph) [4]int {
	in, out := g.Tensors[n.Inputs[0]], g.Tensors[n.Output]
	if n.FloatParams() {
		return [4]int{in.Shape[2], 1, 1, 1}
	}
	if n.Op == FullyConnected {
		return [4]int{out.Elems(), 1, 1, in.Elems()}
	}
	return [4]int{out.Shape[2], n.Kernel[0], n.Kernel[1], in.Shape[2] / max(n.Groups, 1)}
}

// MACs counts the multiply-adds of a node.
func (n *Node) MACs(g *Graph) int64 {
	if n.Op != Conv && n.Op != FullyConnected {
		return 0
	}
	s := n.WeightShape(g)
	out := g.Tensors[n.Output]
	return int64(out.Shape[0]) * int64(out.Shape[1]) * int64(s[0]) * int64(s[1]) * int64(s[2]) * int64(s[3])
}

// Error says which node of a description is wrong and why.
type Error struct {
	Node, Op string
	Reason   string
}

func (e *Error) Error() string {
	return fmt.Sprintf("graph: node %q (%s): %s", printable.Clip(e.Node), printable.Text(printable.Clip(e.Op)), e.Reason)
}

func (n *Node) errorf(format string, args ...any) error {
	return &Error{Node: n.Name, Op: n.Op, Reason: fmt.Sprintf(format, printable.Args(args)...)}
}
