package metadata

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// ONNX reads the properties of an ONNX file (metadata_props of ModelProto): names,
// as Ultralytics writes them, or labels, and the preparation of Ultralytics'
// classifiers. nil is a file without. What is no ONNX file at all is told by whoever
// reads the network.
func ONNX(data []byte) (*Source, error) {
	props := properties(data)
	s := &Source{From: "the file's properties"}
	for _, key := range []string{"names", "labels", "id2label", "class_names", "classes"} {
		text := strings.TrimSpace(props[key])
		if text == "" || strings.IndexByte("{[(", text[0]) < 0 {
			continue
		}
		labels, err := Labels([]byte(text), "the property "+key+" of the ONNX file")
		if err != nil {
			return nil, fmt.Errorf("%w: repair it, or give --labels FILE or --labels none", err)
		}
		s.Labels = labels
		break
	}
	if strings.Contains(props["author"], "Ultralytics") && props["task"] == "classify" {
		s.Preparation = ultralytics(props["imgsz"])
	}
	if s.Labels == nil && s.Preparation == nil {
		return nil, nil
	}
	return s, nil
}

// ultralytics is classify_transforms of ultralytics/data/augment.py: the short side
// to the network's, the centre, values of 0 to 1.
func ultralytics(imgsz string) *Preparation {
	p := &Preparation{From: "the file's properties (Ultralytics)", Resize: "shorter", NoMargin: true, Interpolation: "bilinear", Order: "RGB", Mean: same(0), Std: same(255)}
	if v, err := whole(imgsz); err == nil && v.kind == list && len(v.list) == 2 {
		h, errH := strconv.Atoi(v.list[0].text)
		w, errW := strconv.Atoi(v.list[1].text)
		if errH == nil && errW == nil && h == w && h > 0 && h <= maxSide {
			p.Height, p.Width, p.Side = h, w, h
		}
	}
	return p
}

// maxProperties of a file are looked at.
const maxProperties = 1024

// properties are those of a model, each once; of what is damaged those before.
func properties(data []byte) map[string]string {
	props := map[string]string{}
	each(data, func(id protowire.Number, value []byte) bool {
		if id != 14 {
			return true
		}
		var key, text string
		each(value, func(id protowire.Number, b []byte) bool {
			switch id {
			case 1:
				key = string(b)
			case 2:
				text = string(b)
			}
			return true
		})
		if _, twice := props[key]; !twice && len(text) <= MaxFile {
			props[key] = text
		}
		return len(props) < maxProperties
	})
	return props
}

// each visits the fields of a message that are bytes.
func each(b []byte, visit func(id protowire.Number, value []byte) bool) {
	for len(b) > 0 {
		id, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return
		}
		if b = b[n:]; typ != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(id, typ, b); n < 0 {
				return
			}
			b = b[n:]
			continue
		}
		value, n := protowire.ConsumeBytes(b)
		if n < 0 || !visit(id, value) {
			return
		}
		b = b[n:]
	}
}
