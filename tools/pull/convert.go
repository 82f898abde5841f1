package pull

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert"
	"likeness/tools/convert/float"
	"likeness/tools/convert/guard"
	"likeness/tools/convert/quantise"
	"likeness/tools/output"
)

// target is the converted model and its licence notice, being written.
type target struct {
	set           output.Set
	model, notice *output.File
}

// outputs are the files that a model comes in.
func outputs(out string) []string {
	return []string{out, strings.TrimSuffix(out, ".safetensors") + ".LICENSE.txt"}
}

// open finds out, before anything is obtained, whether both can be written.
func open(out string) (t *target, err error) {
	t = &target{}
	names := outputs(out)
	if t.model, err = t.set.Create(names[0], convert.ModelKind); err == nil {
		t.notice, err = t.set.Create(names[1], noticeKind)
	}
	if err != nil {
		t.set.Discard()
		return nil, fmt.Errorf("%w with --dir", err)
	}
	return t, nil
}

// noticeKind: a notice begins with the model's name, and is text.
var noticeKind = output.Kind{Name: "a licence notice", Is: func(head []byte) bool { return bytes.IndexByte(head, 0) < 0 }}

// convert quantises with the ranges the file declares, or else with those of
// the synthetic calibration set, and writes the model and its licence notice.
func (e *Entry) convert(got files, t *target) error {
	opt, err := e.options()
	if err != nil {
		return err
	}
	var f *model.File
	var labels []string
	err = guard.Run(func() error {
		n, err := e.network(got, opt)
		if err != nil {
			return err
		}
		if e.DefaultLayer == "" {
			n.DefaultLayer, n.Output = embedding(n)
		}
		if labels, err = e.labelled(n); err != nil {
			return err
		}
		f, err = quantise.Model(n, quantise.ModelOptions{})
		return err
	})
	if err != nil {
		return guard.Remedy(err, convert.Remedy)
	}
	f.License, f.Source, f.SourceSHA256 = e.License, e.provenance(), got.sha256()
	f.Graph.Labels = labels
	if err := convert.Write(t.model, f); err != nil {
		return err
	}
	if _, err := t.notice.WriteString(e.notice(got.sha256())); err != nil {
		return err
	}
	return t.set.Commit()
}

// options are the preparation and the layers.
func (e *Entry) options() (convert.Options, error) {
	p, err := picture.Preset(e.Preset)
	if err != nil {
		return convert.Options{}, err
	}
	p.Width, p.Height, p.Side = e.Size, e.Size, e.Size*256/224
	if e.Prepare != nil {
		if err := json.Unmarshal(e.Prepare, &p); err != nil {
			return convert.Options{}, fmt.Errorf("the catalog's preparation: %w", err)
		}
	}
	if p.Resize == "stretch" {
		p.Side = 0
	}
	return convert.Options{Name: e.Name, Prepare: p, Default: e.DefaultLayer, Output: e.Output, Until: e.Until, Strip: e.Strip}, nil
}

// network reads the files by their format.
func (e *Entry) network(got files, opt convert.Options) (*float.Network, error) {
	var s *convert.Source
	var err error
	if e.Format == string(convert.TFJS) {
		err = inFolder(got, func(path string) (err error) {
			s, err = convert.Open(path, e.Name, convert.Size{Width: e.Size, Height: e.Size})
			return err
		})
	} else {
		s, err = convert.Parse(convert.Format(e.Format), got[0].data, e.Name)
	}
	if err != nil {
		return nil, err
	}
	return s.Network(opt)
}

// inFolder lays the files out in a folder, as the reader wants them, for the time
// of a call with the first one's path.
func inFolder(got files, do func(path string) error) error {
	dir, remove, err := output.TempFolder()
	if err != nil {
		return err
	}
	defer remove()
	for _, f := range got {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f.name)), f.data, 0o600); err != nil {
			return err
		}
	}
	return do(filepath.Join(dir, filepath.Base(got[0].name)))
}

// embedding is what the last layer with weights, the classifier, reads, and
// the network's last layer.
func embedding(n *float.Network) (layer, output string) {
	last := len(n.Nodes) - 1
	output = n.Tensors[n.Nodes[last].Output].Name
	for i := last; i > 0; i-- {
		if n.Nodes[i].Weight != nil {
			return n.Tensors[n.Nodes[i].Inputs[0]].Name, output
		}
	}
	return output, output
}

// notice is the text that goes with the model.
func (e *Entry) notice(hash string) string {
	text := fmt.Sprintf("%s.safetensors holds the weights of %s, converted to int8 from the file with sha256 %s,\nobtained from %s.\n", e.Name, e.Title, hash, e.publisher())
	if e.SHA256 == "" {
		text += "Likeness holds no hash of its own for that file: it was taken on the word of the person who converted it.\n"
	}
	names := ""
	if e.asked != nil {
		names = fmt.Sprintf("The names of its classes are from %s.\n", e.askedFrom)
	}
	if e.License == "NOASSERTION" {
		return text + "Its licence is not known to Likeness: ask whoever gave it to you before you pass it on.\n" + names
	}
	return text + fmt.Sprintf("They are licensed under %s by their authors: https://spdx.org/licenses/%s.html\n", e.License, e.License) + names
}
