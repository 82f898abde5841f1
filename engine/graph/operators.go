package graph

// rule is what a graph knows of an operator. What is nil is as the comment says.
type rule struct {
	inputs int // number, or many
	params paramKind
	// copies: integers are only moved, so that inputs and output share one scale.
	copies bool
	// attributes checks the fields of a node that belong to the operator.
	attributes func(g *Graph, n *Node) error
	// shape is the output's; nil is the first input's.
	shape func(g *Graph, n *Node) ([3]int, error)
	// scales checks what scales and ranges must be beyond what all must.
	scales func(g *Graph, n *Node) error
	// field widens the receptive field of an input along an axis, in pixels, and the
	// distance between neighbours; nil leaves both.
	field func(n *Node, in, out [3]int, axis int, field, jump float64) (float64, float64)
}

// many: one input or more.
const many = 0

// paramKind is what parameters an operator has.
type paramKind int

const (
	noParams   paramKind = iota
	int8Params           // weights, scales and biases
	gains                // real numbers, one a channel
	gainsAndOffsets
)

// table has the operators in the order in which messages list them.
var table = []struct {
	op   string
	rule rule
}{
	{Conv, convRule}, {FullyConnected, denseRule},
	{Add, binaryRule}, {Sub, binaryRule}, {Mul, binaryRule},
	{Concat, concatRule}, {GatherChannels, gatherRule}, {Crop, cropRule},
	{MaxPool, maxPoolRule}, {AvgPool, avgPoolRule}, {GlobalAvgPool, globalAvgPoolRule}, {GlobalMaxPool, globalMaxPoolRule},
	{Activation, activationRule}, {Softmax, softmaxRule}, {LogSoftmax, rule{inputs: 1}},
	{LayerNorm, layerNormRule}, {LRN, lrnRule}, {PReLU, rule{inputs: 1, params: gains}},
	{Pad, padRule}, {Reshape, reshapeRule}, {DepthToSpace, spaceRule}, {SpaceToDepth, spaceRule}, {Resize, resizeRule},
	{GroupNorm, groupNormRule},
}

// Operators lists every operator of this version.
var Operators = func() (names []string) {
	for i := range table {
		names = append(names, table[i].op)
	}
	return names
}()

var rules = func() map[string]*rule {
	all := map[string]*rule{}
	for i := range table {
		all[table[i].op] = &table[i].rule
	}
	return all
}()

// ruleOf is the rule of an operator, nil for one that is not known.
func ruleOf(op string) *rule { return rules[op] }

// Copies reports whether an operator copies integers, so that its inputs and
// its output share one scale.
func Copies(op string) bool {
	r := ruleOf(op)
	return r != nil && r.copies
}

// paramsOf is the kind of parameters of an operator, none for one that is not known.
func paramsOf(op string) paramKind {
	if r := ruleOf(op); r != nil {
		return r.params
	}
	return noParams
}
