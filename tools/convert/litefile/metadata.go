package litefile

import (
	"archive/zip"
	"bytes"
	"strings"

	flatbuffers "github.com/google/flatbuffers/go"
)

// Classifier is the metadata of a network that takes pictures prepared by mean and
// std and gives a score for each line of the file labels, as TensorFlow Lite's
// Metadata schema has them (metadata_schema.fbs, version 1.4).
func Classifier(mean, std []float32, labels string) []byte {
	b := flatbuffers.NewBuilder(256)
	text := func(s string) any { return b.CreateString(s) }
	list := func(t flatbuffers.UOffsetT) any { return tableVector(b, []flatbuffers.UOffsetT{t}) }
	const normalization, axisLabels = int8(1), int8(2)
	unit := makeTable(b, []any{normalization, makeTable(b, []any{float32s(b, mean), float32s(b, std)})})
	in := makeTable(b, []any{text("image"), nil, nil, nil, list(unit)})
	file := makeTable(b, []any{text(labels), nil, axisLabels})
	out := makeTable(b, []any{text("scores"), nil, nil, nil, nil, nil, list(file)})
	graph := makeTable(b, []any{text("classifier"), nil, list(in), list(out)})
	b.FinishWithFileIdentifier(makeTable(b, []any{text("network"), nil, nil, list(graph)}), []byte("M001"))
	return b.FinishedBytes()
}

// WithLabels is a file with the archive behind it in which its labels lie.
func WithLabels(file []byte, name string, labels []string) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.SetOffset(int64(len(file))) // as Python's zipfile appends
	f, err := w.Create(name)
	if err == nil {
		_, err = f.Write([]byte(strings.Join(labels, "\n") + "\n"))
	}
	if err == nil {
		err = w.Close()
	}
	return append(file, b.Bytes()...), err
}
