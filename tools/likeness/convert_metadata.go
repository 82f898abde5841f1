package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"likeness/engine/learn"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/metadata"
	"likeness/tools/pull"
	"likeness/tools/regular"
)

// metadataFlags name files that tell of a network.
type metadataFlags struct{ labels, preparation string }

// none passes over what files tell.
const none = "none"

func (f *metadataFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.labels, "labels", "", "`FILE` with the names of the classes: one a line, a JSON list or map, config.json of Hugging Face, imagenet_class_index.json of Keras; imagenet fetches ImageNet's by npm, none takes none (default: the network's own, or those of a file beside it)")
	fs.StringVar(&f.preparation, "preparation-from", "", "`FILE` that tells how pictures are prepared: preprocessor_config.json, config.json of timm, metadata.json of Teachable Machine; none passes over those beside the network, too (default: the network's own, or a file beside it)")
}

// knowledge is what is told of a network beside its layers.
type knowledge struct {
	labels      []string
	labelsFrom  string
	given       bool   // the labels by --labels: they have to fit
	credit      string // for the model's source
	preparation *metadata.Preparation
	files       []string // that were read
}

// known reads what the flags name, the network's own file and those beside it, of
// which the first that tells something counts.
func (a *app) known(f *metadataFlags, path string) (*knowledge, error) {
	k := &knowledge{}
	if f.labels != "" && f.labels != none {
		var err error
		if k.labels, k.labelsFrom, err = pull.Labels(a.ctx, f.labels); err != nil {
			return nil, err
		}
		k.given = true
		if f.labels == "imagenet" {
			k.credit = "; names of classes from " + k.labelsFrom
		} else {
			k.files = append(k.files, f.labels)
		}
	}
	if f.preparation != "" && f.preparation != none {
		data, _, err := regular.Read(f.preparation, metadata.MaxFile)
		if err != nil {
			return nil, fmt.Errorf("--preparation-from %s: %w", f.preparation, cause(err))
		}
		s, _, err := metadata.Read(data, filepath.Base(f.preparation))
		if err != nil {
			return nil, fmt.Errorf("--preparation-from: %w", err)
		}
		if s == nil || s.Preparation == nil {
			return nil, fmt.Errorf("--preparation-from: %s tells of no preparation of pictures; preprocessor_config.json of Hugging Face, config.json of timm and metadata.json of Teachable Machine do", f.preparation)
		}
		k.preparation = s.Preparation
		k.files = append(k.files, f.preparation)
	}
	wantLabels, wantPreparation := f.labels == "", f.preparation == ""
	if !wantLabels && !wantPreparation {
		return k, nil
	}
	sources, files, err := sourcesOf(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	k.files = append(k.files, files...)
	for _, s := range sources {
		if wantLabels && k.labels == nil && s.Labels != nil {
			k.labels, k.labelsFrom = s.Labels, s.From
		}
		if wantPreparation && k.preparation == nil && s.Preparation != nil {
			k.preparation = s.Preparation
		}
	}
	return k, nil
}

// sourcesOf are the network's own file and those beside it.
func sourcesOf(path string) ([]*metadata.Source, []string, error) {
	var sources []*metadata.Source
	read := map[string]func([]byte) (*metadata.Source, error){".tflite": metadata.TFLite, ".onnx": metadata.ONNX}[strings.ToLower(filepath.Ext(path))]
	if read != nil {
		data, _, err := regular.Read(path, maxModel)
		if err != nil {
			return nil, nil, cause(err)
		}
		s, err := read(data)
		if err != nil {
			return nil, nil, err
		}
		if s != nil {
			sources = append(sources, s)
		}
	}
	beside, files, err := metadata.Beside(path)
	return append(sources, beside...), files, err
}

// prepare is what the flags say, else what is told, else the guess. width and
// height are the network's own, 0 where it leaves them open.
func (k *knowledge) prepare(pf *prepareFlags, guess picture.Preparation, width, height int) (picture.Preparation, error) {
	t := k.preparation
	if t == nil || pf.preset != "" {
		return pf.preparation(guess)
	}
	for _, r := range t.Refusals {
		if !slices.Contains(pf.settled(), r.Flag) {
			return guess, fmt.Errorf("%s cannot be followed: %s: say otherwise with --%s, or pass --preparation-from none and --preset", t.From, r.Why, r.Flag)
		}
	}
	out, err := pf.preparation(t.Over(guess))
	if err != nil || pf.width > 0 {
		width, height = pf.width, pf.height
	}
	if width == 0 {
		width, height = t.Width, t.Height
	}
	out.Width, out.Height = width, height
	if pf.side == 0 && pf.resize == "" && width > 0 {
		out.Side = t.SideFor(width, height)
	}
	return out, err
}

// settled are the flags given that decide on a step.
func (p *prepareFlags) settled() (flags []string) {
	for flag, given := range map[string]bool{"resize": p.resize != "", "interpolation": p.interpolation != "", "mean": p.explicit()} {
		if given {
			flags = append(flags, flag)
		}
	}
	return flags
}

// sayPreparation says how pictures are prepared, and why, unless flags said so.
func (k *knowledge) sayPreparation(pf *prepareFlags, guessed string, p picture.Preparation, say func(string)) {
	switch {
	case pf.preset != "":
	case k.preparation != nil:
		say(fmt.Sprintf("preparation: from %s: %s", k.preparation.From, metadata.Describe(p)))
	case !pf.explicit():
		say(guessed + "; --preset or --mean and --std say otherwise")
		say("preparation: guessed: " + metadata.Describe(p))
	}
}

// labelsFor gives the labels that fit the network's class scores. Those that were
// found and do not fit are left out, those that were given are an error.
func (k *knowledge) labelsFor(n *float.Network, say func(string)) ([]string, error) {
	if k.labels == nil {
		return nil, nil
	}
	layer, classes := n.Scores()
	var labels []string
	var note string
	var err error
	if layer == "" {
		err = errors.New("the network has no layer that is known to give class scores: name it with --output LAYER")
	} else if labels, note, err = metadata.Fit(k.labels, classes); err != nil {
		err = fmt.Errorf("%w of layer %q: give the list that goes with the network", err, layer)
	}
	switch {
	case err == nil && note != "":
		say("labels: " + note)
	case err != nil && k.given:
		return nil, fmt.Errorf("labels from %s: %w", k.labelsFrom, err)
	case err != nil:
		say(fmt.Sprintf("labels from %s are left out: %v", k.labelsFrom, err))
		return nil, nil
	}
	return labels, nil
}

// sayLabels says which layer the labels name and how its values become scores.
func (k *knowledge) sayLabels(f *model.File, say func(string)) {
	g := &f.Graph
	t, _ := g.Tensor(g.Output)
	values := learn.Values(g, t)
	how := values + ", which are scores already"
	if values == learn.ValuesLogits {
		how = "logits, of which softmax makes scores"
	}
	say(fmt.Sprintf("labels: %d from %s, for layer %s, whose values are %s", len(g.Labels), k.labelsFrom, g.Output, how))
}
