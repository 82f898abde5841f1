package zoo

import (
	"math"
	"testing"
)

// published are torchvision's parameter counts, inception_v3 and googlenet
// without their auxiliary heads; torchreid's of osnet_x0_25, which counts its
// gates, 568 values, four times, with a classifier of 1000 besides, Caffe's of AlexNet, Keras' of MobileNet 1.0 (4231976) with
// another class, and what the paper's table makes of MobileFaceNet.
var published = map[string]int{
	"vgg16": 138357544, "resnet18": 11689512, "resnet50": 25557032, "inception_v3": 23834568,
	"mobilenet_v2": 3504872, "mobilenet_v3_large": 5483032, "efficientnet_b0": 5288548,
	"squeezenet1_1": 1235496, "densenet121": 7978856, "googlenet": 6624904,
	"shufflenet_v2_x1_0": 2278604, "regnet_y_400mf": 4344144, "convnext_tiny": 28589128,
	"osnet_x0_25": 203568 - 3*568 + 513000, "mobilefacenet": 1003136, "lraspp_mobilenet_v3_large": 3221538,
	"alexnet_lrn": 60965224, "mobilenet_v1": 4231976 + 1025,
}

func TestParameterCounts(t *testing.T) {
	for _, name := range Names() {
		n, err := Build(name, Options{KeepBatchNorm: true, Unsettled: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := n.Params(); got != published[name] {
			t.Errorf("%s has %d parameters, published are %d", name, got, published[name])
		}
	}
}

// TestSettled wants activations of a sane size everywhere, and features that
// tell pictures apart.
func TestSettled(t *testing.T) {
	n, err := Build("squeezenet1_1", Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	a, b := n.features(t, 1), n.features(t, 2)
	aa := 0.0
	for _, v := range a {
		aa += float64(v) * float64(v)
	}
	size := math.Sqrt(aa / float64(len(a)))
	likeness := cosine(a, b)
	t.Logf("features have size %.3f, two pictures have cosine %.3f", size, likeness)
	if size < 0.1 || size > 10 || likeness > 0.97 {
		t.Errorf("features of size %.3f, two pictures have cosine %.3f", size, likeness)
	}
}
