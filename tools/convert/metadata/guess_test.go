package metadata

import (
	"strings"
	"testing"

	"likeness/tools/convert/nd"
)

// named is a graph whose nodes have these names, as tf2onnx gives them, with an
// input of height, width and channels.
func named(names ...string) *nd.Graph {
	g := &nd.Graph{Inputs: []nd.Value{{Name: "x", Shape: []int{1, 224, 224, 3}}}, Const: map[string]*nd.Tensor{}}
	at := "x"
	for _, n := range names {
		g.Nodes = append(g.Nodes, nd.Node{Op: "Conv", Name: n, Inputs: []string{at}, Outputs: []string{n + ":0"}})
		at = n + ":0"
	}
	return g
}

// Each network of Keras Applications is told by its own layer names: what its
// preprocess_input does.
func TestGuessKeras(t *testing.T) {
	for _, c := range []struct {
		name   string
		layers string
		want   string
	}{
		{"vgg16", "vgg16/block1_conv1/Conv2D vgg16/block1_conv2/Conv2D", "caffe"},
		{"vgg19", "vgg19/block1_conv1/Conv2D vgg19/block5_conv4/Conv2D", "caffe"},
		{"resnet50", "resnet50/conv1_conv/Conv2D resnet50/conv2_block1_1_conv/Conv2D", "caffe"},
		{"resnet101", "resnet101/conv1_conv/Conv2D resnet101/conv2_block1_1_conv/Conv2D", "caffe"},
		{"model", "conv1_conv/Conv2D conv2_block1_1_conv/Conv2D", "caffe"},
		{"resnet50v2", "resnet50v2/conv1_conv/Conv2D resnet50v2/conv2_block1_preact_bn/FusedBatchNormV3", "tf"},
		{"model", "conv1_conv/Conv2D conv2_block1_preact_bn/FusedBatchNormV3 conv2_block1_1_conv/Conv2D", "tf"},
		{"resnet_v2_50", "resnet_v2_50/conv1/Conv2D", "tf"},
		{"xception", "xception/block1_conv1/Conv2D xception/block2_sepconv1/separable_conv2d", "tf"},
		{"model", "block1_conv1/Conv2D block2_sepconv1/separable_conv2d", "tf"},
		{"inception_v3", "inception_v3/conv2d/Conv2D", "tf"},
		{"mobilenetv2", "mobilenetv2_1.00_224/Conv1/Conv2D", "tf"},
		{"nasnet", "NASNet/stem_conv1/Conv2D", "tf"},
		{"densenet121", "densenet121/conv1/conv/Conv2D", "torch"},
		{"efficientnetb0", "efficientnetb0/stem_conv/Conv2D", "raw"},
		{"mobilenetv3", "MobilenetV3large/Conv/Conv2D", "raw"},
		{"convnext_tiny", "convnext_tiny/convnext_tiny_stem/Conv2D", "raw"},
	} {
		if got, why := guessPreset(named(strings.Fields(c.layers)...), c.name); got != c.want {
			t.Errorf("%s (%s): %s, since %s; want %s", c.name, c.layers, got, why, c.want)
		}
	}
}

// Every network of keras.applications, by the file's name and by the names of its
// own layers under another file's name: "conv2d" holds no word v2. What the
// networks take is in their modules' preprocess_input; where that does nothing,
// they scale pixels of 0 to 255 themselves.
func TestGuessKerasApplications(t *testing.T) {
	for want, networks := range map[string]map[string]string{
		"caffe": {
			"VGG16": "block1_conv1 block1_conv2 block1_pool", "VGG19": "block1_conv1 block5_conv4 block5_pool",
			"ResNet50": "conv1_conv conv1_bn conv2_block1_1_conv", "ResNet101": "conv1_conv conv4_block23_3_conv conv2_block1_1_conv", "ResNet152": "conv1_conv conv4_block36_3_conv conv2_block1_1_conv",
		},
		"tf": {
			"Xception": "block1_conv1 block1_conv1_bn block2_sepconv1", "ResNet50V2": "conv1_conv conv2_block1_preact_bn conv2_block1_1_conv",
			"ResNet101V2": "conv1_conv conv2_block1_preact_bn conv2_block1_1_conv", "ResNet152V2": "conv1_conv conv2_block1_preact_bn conv2_block1_1_conv",
			"InceptionV3": "conv2d conv2d_1 mixed0", "InceptionResNetV2": "conv2d conv2d_4 mixed_5b block35_1_conv", "MobileNet": "conv1 conv_dw_1 conv_pw_1",
			"MobileNetV2": "Conv1 bn_Conv1 expanded_conv_depthwise", "NASNetMobile": "stem_conv1 stem_bn1", "NASNetLarge": "stem_conv1 stem_bn1",
		},
		"torch": {"DenseNet121": "conv1_conv conv2_block1_0_bn conv2_block1_1_conv conv2_block1_concat pool2_conv", "DenseNet169": "conv2_block1_1_conv conv2_block1_concat", "DenseNet201": "conv2_block1_1_conv conv2_block1_concat"},
		"raw": {
			"EfficientNetB0": "stem_conv block1a_dwconv", "EfficientNetB7": "stem_conv block1a_dwconv", "EfficientNetV2B0": "stem_conv block1a_project_conv",
			"EfficientNetV2S": "stem_conv block1a_project_conv", "EfficientNetV2L": "stem_conv", "MobileNetV3Small": "conv expanded_conv_depthwise", "MobileNetV3Large": "conv",
			"ConvNeXtTiny": "convnext_tiny_stem", "ConvNeXtXLarge": "convnext_xlarge_stem", "RegNetX002": "regnetx002_Stem", "RegNetY320": "regnety320_Stem",
			"ResNetRS50": "stem_1_stem_conv_1", "ResNetRS420": "stem_1_stem_conv_1",
		},
	} {
		for name, layers := range networks {
			if got, why := guessPreset(named(append(strings.Fields(layers), "model/conv2d_9/Conv2D")...), strings.ToLower(name)); got != want {
				t.Errorf("%s: %s, since %s; want %s", name, got, why, want)
			}
			tellsItself := want == "caffe" || want == "torch" || strings.Contains(layers, "preact") || strings.Contains(layers, "sepconv") || strings.Contains(layers, "convnext") || strings.Contains(layers, "regnet")
			if !tellsItself {
				continue // its layers have everyone's names
			}
			for _, title := range []string{"model", "my_conv2d_net"} {
				if got, why := guessPreset(named(strings.Fields(layers)...), title); got != want {
					t.Errorf("layers of %s in %s: %s, since %s; want %s", name, title, got, why, want)
				}
			}
		}
	}
}

// A batch normalisation at the beginning tells by its statistics whether pixels
// of 0 to 255 went through it.
func TestGuessByStatistics(t *testing.T) {
	for _, c := range []struct {
		mean, variance float32
		want           string
	}{{.03, 1.2, "torch"}, {-2, 4, "torch"}, {120, 4000, "raw"}, {0, 4000, "raw"}} {
		g := &nd.Graph{Inputs: []nd.Value{{Name: "x", Shape: []int{1, 3, 224, 224}}}, Const: map[string]*nd.Tensor{}}
		for i, v := range []float32{1, 0, c.mean, c.variance} {
			g.Const[string(rune('a'+i))] = &nd.Tensor{Shape: []int{3}, F: []float32{v, v, v}}
		}
		g.Nodes = []nd.Node{{Op: "BatchNormalization", Name: "bn", Inputs: []string{"x", "a", "b", "c", "d"}, Outputs: []string{"y"}}}
		if got, why := guessPreset(g, "resnet"); got != c.want {
			t.Errorf("mean %v, variance %v: %s, since %s; want %s", c.mean, c.variance, got, why, c.want)
		}
	}
}
