// Package zoo builds published convolutional networks as graphs, with the
// structure, names and operators that PyTorch's exporter gives torchvision's
// models, and a few of other origins. Weights are random by seed and settled so that activations have the
// sizes they have in trained networks; they classify nothing. Tests and
// benchmarks use them where trained weights cannot be had.
package zoo

import (
	"fmt"
	"slices"
	"strings"

	"likeness/tools/convert/nd"
)

// Options say how a network is written.
type Options struct {
	Opset         int    // of ONNX, 13 to 17; 0 is 13
	Seed          uint64 // of the weights
	KeepBatchNorm bool   // as nodes, where a convolution could take them in
	NoTop         bool   // end at the features
	Unsettled     bool   // plain random weights: fast, and no sizes are kept
}

// Net is a network and what a user must know of it.
type Net struct {
	Graph     *nd.Graph
	Embedding string // tensor of the features that the classifier reads
	Size      int    // height of the picture, pixels; input [1, 3, Size, Width], preset torch
	Width     int    // mostly as large
}

var builders = map[string]func(Options) (*Net, error){
	"vgg16": vgg16, "resnet18": resnet18, "resnet50": resnet50, "inception_v3": inceptionV3,
	"mobilenet_v2": mobilenetV2, "mobilenet_v3_large": mobilenetV3Large, "efficientnet_b0": efficientnetB0,
	"squeezenet1_1": squeezenet11, "densenet121": densenet121, "googlenet": googlenet,
	"shufflenet_v2_x1_0": shufflenetV2, "regnet_y_400mf": regnetY400MF, "convnext_tiny": convnextTiny,
	"osnet_x0_25": osnetX025, "mobilefacenet": mobileFaceNet, "lraspp_mobilenet_v3_large": lraspp,
	"alexnet_lrn": alexnetLRN, "mobilenet_v1": mobilenetV1,
}

// Names lists the networks, by torchvision's names where it has them.
func Names() []string {
	var names []string
	for name := range builders {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Build makes a network.
func Build(name string, opt Options) (*Net, error) {
	f := builders[name]
	if f == nil {
		return nil, fmt.Errorf("no network %q: there are %s", name, strings.Join(Names(), ", "))
	}
	if opt.Opset == 0 {
		opt.Opset = 13
	}
	if opt.Opset < 13 || opt.Opset > 17 {
		return nil, fmt.Errorf("opset %d: 13 to 17 can be written", opt.Opset)
	}
	return f(opt)
}

// Params counts the trained values, without the running statistics of batch
// normalisation. It is torchvision's count when batch normalisation is kept.
func (n *Net) Params() int {
	sum := 0
	for name, t := range n.Graph.Const {
		if t.Type.IsFloat() && !strings.Contains(name, "running_") {
			sum += len(t.F)
		}
	}
	return sum
}
