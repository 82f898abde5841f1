package metadata

import (
	"fmt"
	"regexp"
	"strings"

	"likeness/engine/picture"
	"likeness/tools/convert/nd"
)

// Guess settles the preparation of pictures for a graph from the programs and
// networks whose marks it bears, and says what it saw.
func Guess(g *nd.Graph, name string) (picture.Preparation, string) {
	preset, why := guessPreset(g, strings.ToLower(name))
	p, _ := picture.Preset(strings.TrimPrefix(preset, "raw"))
	if preset == "raw" {
		p, _ = picture.Preset("unit")
		p.Std = [3]float64{1, 1, 1}
	}
	p.Width, p.Height, p.Side = 0, 0, 0
	return p, fmt.Sprintf("pictures are prepared as %q: %s", preset, why)
}

func guessPreset(g *nd.Graph, name string) (preset, why string) {
	marks := name + " " + strings.ToLower(g.Name)
	torch := false
	for i, n := range g.Nodes {
		if i < 40 || i > len(g.Nodes)-10 {
			marks += " " + strings.ToLower(n.Name)
		}
		torch = torch || strings.HasPrefix(n.Name, "/")
	}
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(marks, w) {
				return true
			}
		}
		return false
	}
	torch = torch || has("torch")
	v2 := version2.MatchString(marks)
	channelsLast := false
	for _, v := range g.Inputs {
		channelsLast = channelsLast || len(v.Shape) == 4 && v.Shape[3] == 3
	}
	bytes := false
	for _, v := range g.Inputs {
		bytes = bytes || v.Type == nd.Uint8 && g.Const[v.Name] == nil && len(v.Shape) > 2
	}
	switch {
	case bytes:
		return "raw", "its input is of bytes, 0 to 255"
	case scalesPicture(g):
		return "raw", "the network scales and shifts its input itself"
	case torch:
		return "torch", "the file comes from PyTorch, whose networks take the mean and deviation of ImageNet"
	case channelsLast && has("xception", "sepconv"):
		return "tf", "Xception takes -1 to 1"
	case channelsLast && has("densenet", "conv2_block1_concat"):
		return "torch", "DenseNet of Keras takes the mean and deviation of ImageNet"
	case channelsLast && has("vgg", "block1_conv1", "resnet50", "resnet101", "resnet152", "conv2_block1_1_conv") && !v2 && !has("preact"):
		return "caffe", "VGG and ResNet of Keras take BGR with the mean subtracted"
	case channelsLast && has("efficientnet", "mobilenetv3", "mobilenet_v3", "convnext", "regnet", "resnetrs", "resnet_rs", "resnet-rs"):
		return "raw", "this network of Keras takes 0 to 255"
	case channelsLast || has("mobilenet", "inception", "xception", "nasnet") && (has("keras", "conv2d", "tensorflow") || wordTF.MatchString(marks)):
		return "tf", "networks of TensorFlow mostly take -1 to 1"
	}
	return "torch", "most ONNX networks take the mean and deviation of ImageNet"
}

// wordTF finds tf as a word, not in other words.
var wordTF = regexp.MustCompile(`(?:^|[^a-z])tf(?:js|lite|[^a-z]|$)`)

// version2 finds the word v2, as in resnet50v2 and resnet_v2, not in conv2d.
var version2 = regexp.MustCompile(`(?:^|[^a-z]|net)v2(?:[^0-9]|$)`)

// scalesPicture reports whether the first operators on the input are a scale
// or a shift by constants, or a batch normalisation of values of 0 to 255.
func scalesPicture(g *nd.Graph) bool {
	at := map[string]bool{}
	for _, v := range g.Inputs {
		if g.Const[v.Name] == nil {
			at[v.Name] = true
		}
	}
	for _, n := range g.Nodes {
		if len(n.Inputs) == 0 || !at[n.Inputs[0]] && !(len(n.Inputs) > 1 && at[n.Inputs[1]]) {
			continue
		}
		switch n.Op {
		case "Transpose", "Identity", "Cast", "Gather", "QuantizeLinear", "DequantizeLinear":
			at[n.Outputs[0]] = true
		case "BatchNormalization":
			return ofBytes(g, n)
		case "Sub", "Mul", "Div", "Add":
			return true
		default:
			return false
		}
	}
	return false
}

// ofBytes reports whether a batch normalisation was trained on pixels of 0 to
// 255: its running mean or variance is then far above those of values about 1.
// Where they are not known it is taken so.
func ofBytes(g *nd.Graph, n nd.Node) bool {
	if len(n.Inputs) < 5 {
		return true
	}
	mean, variance := g.Const[n.Inputs[3]], g.Const[n.Inputs[4]]
	if mean == nil || variance == nil {
		return true
	}
	return beyond(mean, 8) || beyond(variance, 64)
}

// beyond reports whether a value is larger in magnitude than most.
func beyond(t *nd.Tensor, most float32) bool {
	for _, v := range t.F {
		if v > most || v < -most {
			return true
		}
	}
	return false
}
