package convert

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"likeness/tools/convert/nd"
)

// convertedBytes is the hash of the model below. Whoever changes it raises
// Version, so that models obtained before are converted anew.
const convertedBytes = "2ba127e35ede2eb4a41d4663503d8a8bd6ab5c35ca4b6e5cfb0cf82ed8cbf3e4"

// TestSameBytes: every platform and every body of the kernels writes the same
// model. It has what rounding treats in ways of its own: full, grouped,
// depthwise and pointwise convolutions, squeeze and excitation, a dense layer.
func TestSameBytes(t *testing.T) {
	d := newDraft(40)
	d.conv("c", 3, 24, 3)
	d.op("Relu", "r", nil)
	d.op("Conv", "depthwise", attrs{"pads": nd.Ints(1, 1, 1, 1), "strides": nd.Ints(2, 2), "group": nd.Int(24)}, d.random(0.4, 24, 1, 3, 3), d.random(0.1, 24))
	x := d.op("HardSwish", "h", nil)
	d.op("GlobalAveragePool", "mean", nil)
	d.conv("squeeze", 24, 8, 1)
	d.op("Relu", "s", nil)
	d.conv("excite", 8, 24, 1)
	d.op("HardSigmoid", "e", nil)
	d.on("Mul", "scaled", nil, x, d.last)
	d.op("Conv", "grouped", attrs{"pads": nd.Ints(1, 1, 1, 1), "group": nd.Int(3)}, d.random(0.2, 60, 8, 3, 3), d.random(0.1, 60))
	d.op("Relu", "g", nil)
	d.conv("wide", 60, 40, 3)
	d.op("Sigmoid", "w", nil)
	d.op("GlobalAveragePool", "pool", nil)
	d.op("Flatten", "flat", nil)
	d.op("Gemm", "y", attrs{"transB": nd.Int(1)}, d.random(0.3, 30, 40), d.random(0.1, 30))
	n, err := FromGraph(d.graph(), Options{Prepare: torchLike()})
	if err != nil {
		t.Fatal(err)
	}
	f, err := n.Model(ModelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f.Converter = "" // whatever its number
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	if got := hex.EncodeToString(sum[:]); got != convertedBytes {
		t.Errorf("%d bytes of hash %s, %s is wanted", b.Len(), got, convertedBytes)
	}
}
