package metadata

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"

	"likeness/tools/convert/flatbuffer"
)

// Fields of tflite/schema/schema.fbs and of tflite-support's metadata_schema.fbs,
// which call things so.
const (
	modelSubgraphs, modelBuffers, modelMetadata = 2, 4, 6
	metadataName, metadataBuffer                = 0, 1
	graphTensors, graphInputs                   = 0, 1
	tensorType                                  = 1
	describedGraphs                             = 3
	inputDescriptions, outputDescriptions       = 2, 3
	processUnits, associatedFiles               = 4, 6
	fileName, fileType, fileLocale              = 0, 2, 3

	normalisation = 1 // of ProcessUnitOptions
	axisLabels    = 2 // of AssociatedFileType
	typeUint8     = 3 // of TensorType
)

// TFLite reads the metadata of a TensorFlow Lite file: NormalizationOptions of its
// input and the labels of its output, which lie in an archive behind the network.
// nil is a file without.
func TFLite(data []byte) (s *Source, err error) {
	defer func() {
		if damage := flatbuffer.Damage(""); errors.As(err, &damage) {
			s, err = nil, fmt.Errorf("the metadata of the TensorFlow Lite file is damaged: %w: download or export it again", err)
		}
	}()
	defer flatbuffer.Catch(&err)
	if len(data) < 8 || string(data[4:8]) != "TFL3" {
		return nil, nil // not such a file: whoever reads the network says so
	}
	model := flatbuffer.Root(data)
	meta := metadataOf(model)
	if meta == nil {
		return nil, nil
	}
	if len(meta) < 8 || string(meta[4:8]) != "M001" {
		return nil, errors.New("the metadata of the TensorFlow Lite file lacks its mark M001: it is damaged or of a newer kind; export it again, or give --labels and --preset")
	}
	graphs := flatbuffer.Root(meta).Tables(describedGraphs)
	if len(graphs) == 0 {
		return nil, nil
	}
	s = &Source{From: "the file's metadata"}
	if in := graphs[0].Tables(inputDescriptions); len(in) > 0 {
		if s.Preparation, err = normalised(model, in[0]); err != nil {
			return nil, err
		}
	}
	for _, out := range graphs[0].Tables(outputDescriptions) {
		if name := labelFile(out); name != "" && s.Labels == nil {
			if s.Labels, err = packed(data, name); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// metadataOf is the buffer of that name, nil if there is none.
func metadataOf(model flatbuffer.Table) []byte {
	for _, m := range model.Tables(modelMetadata) {
		if m.String(metadataName) != "TFLITE_METADATA" {
			continue
		}
		all := model.Tables(modelBuffers)
		if i := m.Int32(metadataBuffer, 0); i >= 0 && int(i) < len(all) {
			return all[i].Bytes(0)
		}
		panic(flatbuffer.Damage("a number leads outside its list"))
	}
	return nil
}

// normalised is the preparation of an input of floats; bytes are taken as they
// are, and the input's own scale says what they mean.
func normalised(model, in flatbuffer.Table) (*Preparation, error) {
	graphs := model.Tables(modelSubgraphs)
	if len(graphs) == 0 {
		return nil, nil
	}
	tensors := graphs[0].Tables(graphTensors)
	inputs := graphs[0].Int32s(graphInputs)
	if len(inputs) == 0 || inputs[0] < 0 || inputs[0] >= len(tensors) || tensors[inputs[0]].Int8(tensorType) == typeUint8 {
		return nil, nil
	}
	for _, unit := range in.Tables(processUnits) {
		options, ok := unit.Table(1)
		if !ok || unit.Int8(0) != normalisation {
			continue
		}
		mean, err := channelsOf(options.Floats(0))
		if err != nil {
			return nil, fmt.Errorf("NormalizationOptions of the TensorFlow Lite file: mean: %w", err)
		}
		std, err := channelsOf(options.Floats(1))
		if err != nil {
			return nil, fmt.Errorf("NormalizationOptions of the TensorFlow Lite file: std: %w", err)
		}
		for i, s := range std {
			if !(s > 1e-6 && s < 1e6) || !(mean[i] > -1e6 && mean[i] < 1e6) {
				return nil, fmt.Errorf("NormalizationOptions of the TensorFlow Lite file: mean %.6g, std %.6g: std must be positive and both finite", mean, std)
			}
		}
		return &Preparation{From: "the file's metadata", Order: "RGB", Mean: mean, Std: std}, nil
	}
	return nil, nil
}

func channelsOf(v []float64) (*[3]float64, error) {
	switch len(v) {
	case 1:
		return same(v[0]), nil
	case 3:
		return (*[3]float64)(v), nil
	}
	return nil, fmt.Errorf("%d numbers, 1 or 3 are wanted", len(v))
}

// labelFile is the name of a tensor's file of labels, that without a language
// first, "" for none.
func labelFile(tensor flatbuffer.Table) (name string) {
	for _, f := range tensor.Tables(associatedFiles) {
		if f.Int8(fileType) == axisLabels && (name == "" || f.String(fileLocale) == "") {
			name = f.String(fileName)
		}
	}
	return name
}

// packed reads labels from the archive at the file's end.
func packed(data []byte, name string) ([]string, error) {
	wrap := func(err error) error {
		return fmt.Errorf("the metadata of the TensorFlow Lite file names the labels %q: %w: download it again, or give --labels", name, err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, wrap(errors.New("there is no archive behind the network, or it is damaged"))
	}
	for _, f := range z.File {
		if f.Name != name {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, wrap(err)
		}
		defer r.Close()
		text, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
		if err != nil {
			return nil, wrap(err)
		}
		labels, err := Labels(text, name)
		if err != nil {
			return nil, wrap(err)
		}
		return labels, nil
	}
	return nil, wrap(errors.New("the archive behind the network does not hold them"))
}
