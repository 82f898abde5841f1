package convert

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"likeness/tools/convert/internal/draft"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/quantise"
)

// convertedBytes is the hash of the model below. Whoever changes it raises
// Version, so that models obtained before are converted anew.
const convertedBytes = "2ba127e35ede2eb4a41d4663503d8a8bd6ab5c35ca4b6e5cfb0cf82ed8cbf3e4"

// TestSameBytes: every platform and every body of the kernels writes the same
// model. It has what rounding treats in ways of its own: full, grouped,
// depthwise and pointwise convolutions, squeeze and excitation, a dense layer.
func TestSameBytes(t *testing.T) {
	d := draft.New(40)
	d.Conv("c", 3, 24, 3)
	d.Op("Relu", "r", nil)
	d.Op("Conv", "depthwise", draft.Attrs{"pads": nd.Ints(1, 1, 1, 1), "strides": nd.Ints(2, 2), "group": nd.Int(24)}, d.Random(0.4, 24, 1, 3, 3), d.Random(0.1, 24))
	x := d.Op("HardSwish", "h", nil)
	d.Op("GlobalAveragePool", "mean", nil)
	d.Conv("squeeze", 24, 8, 1)
	d.Op("Relu", "s", nil)
	d.Conv("excite", 8, 24, 1)
	d.Op("HardSigmoid", "e", nil)
	d.On("Mul", "scaled", nil, x, d.Last)
	d.Op("Conv", "grouped", draft.Attrs{"pads": nd.Ints(1, 1, 1, 1), "group": nd.Int(3)}, d.Random(0.2, 60, 8, 3, 3), d.Random(0.1, 60))
	d.Op("Relu", "g", nil)
	d.Conv("wide", 60, 40, 3)
	d.Op("Sigmoid", "w", nil)
	d.Op("GlobalAveragePool", "pool", nil)
	d.Op("Flatten", "flat", nil)
	d.Op("Gemm", "y", draft.Attrs{"transB": nd.Int(1)}, d.Random(0.3, 30, 40), d.Random(0.1, 30))
	n, err := lower.Graph(d.Graph(), lower.Options{Prepare: draft.TorchLike()})
	if err != nil {
		t.Fatal(err)
	}
	f, err := quantise.Model(n, quantise.ModelOptions{})
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
