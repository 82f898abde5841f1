package lower

import "strings"

// short is the name of the layer that a node or value belongs to, in the words
// of the program that made the network: "/layer4/layer4.2/relu_1/Relu" is
// layer4.2.relu_1 in PyTorch, "vgg16/block5_conv3/Relu:0" is block5_conv3 in
// Keras.
func short(name string) string {
	name, _, _ = strings.Cut(name, ":")
	if strings.HasPrefix(name, "/") {
		return torchName(name)
	}
	name = strings.TrimPrefix(name, "StatefulPartitionedCall/")
	for {
		i := strings.LastIndexByte(name, '/')
		if i < 1 || !isInner(name[i+1:]) {
			break
		}
		name = name[:i]
	}
	return name
}

// isInner reports whether a last part names an operator within a layer.
func isInner(part string) bool {
	for _, p := range inner {
		if part == p || strings.HasPrefix(part, p+"_") || strings.HasPrefix(part, p+"__") {
			return true
		}
	}
	return false
}

// torchName turns a scope of PyTorch's exporter into the module's name: a part
// that repeats the ones before it stands for them.
func torchName(name string) string {
	parts := strings.Split(strings.Trim(name, "/"), "/")
	if len(parts) < 2 {
		return name
	}
	out := ""
	for _, p := range parts[:len(parts)-1] {
		switch {
		case out == "" || strings.HasPrefix(p, out+"."):
			out = p
		default:
			out += "." + p
		}
	}
	return out
}

// within reports whether a name has a part that is a module's name, and what
// stands before it: "vgg16/block5_pool/MaxPool" is within block5_pool of
// "vgg16/". Keras 3 numbers the parts of a network that was made again:
// "vgg16_1/block5_pool_1/MaxPool2d" is within it too. PyTorch's "/layer1/layer1.0/relu"
// is within layer1.
func within(name, module string) (scope string, ok bool) {
	name, _, _ = strings.Cut(name, ":")
	name = strings.TrimPrefix(name, "StatefulPartitionedCall/")
	at := 0
	for part := range strings.SplitSeq(name, "/") {
		rest, is := strings.CutPrefix(part, module)
		if is && (rest == "" || rest[0] == '_' && strings.Trim(rest[1:], "0123456789") == "" && rest != "_") {
			return name[:at], true
		}
		at += len(part) + 1
	}
	return "", false
}

// inner are the parts of a layer whose name belongs to the layer as a whole.
var inner = []string{"Relu6", "Relu", "add_fold", "Conv2D_Fold", "depthwise_Fold", "BiasAdd", "FusedBatchNormV3", "FusedBatchNorm", "BatchNorm", "Conv2D"}
