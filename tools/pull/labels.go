package pull

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"likeness/tools/convert/float"
	"likeness/tools/convert/metadata"
	"likeness/tools/regular"
)

// imageNet is the list of ImageNet's 1000 classes that TensorFlow.js publishes,
// under Apache-2.0. It is fetched, not kept here.
var imageNet = Source{Kind: "npm", Package: "@tensorflow-models/mobilenet", Version: "2.1.1", File: "package/dist/imagenet_classes.js",
	Integrity: "sha512-tv4s4UFzG74PkIwl4gT64AyRnCcNUq+s8wSzge+LN/Puc1VUuInZghrobvpNlWjZtVi1x1d1NsBD//TfOr2ssA=="}

// Labels reads names of classes: a file, of the kinds that metadata.Labels knows, or
// for "imagenet" those of ImageNet, by the npm client. from says where they are
// from, with their licence where that is known.
func Labels(ctx context.Context, which string) (labels []string, from string, err error) {
	if which != "imagenet" {
		data, _, err := regular.Read(which, metadata.MaxFile)
		if err != nil {
			return nil, "", fmt.Errorf("labels in %s: %w", which, bare(err))
		}
		labels, err = metadata.Labels(data, filepath.Base(which))
		return labels, filepath.Base(which), err
	}
	got, err := imageNet.fetch(ctx, &Entry{}, nil)
	if err == nil {
		labels, err = metadata.Labels(got[0].data, got[0].name)
	}
	if err != nil {
		return nil, "", fmt.Errorf("the names of ImageNet's classes, from %s: %w: give a file of them with --labels FILE", imageNet, err)
	}
	return labels, imageNet.String() + " (Apache-2.0)", nil
}

// labelled gives the labels for a network: those asked for, or the catalog's.
func (e *Entry) labelled(n *float.Network) ([]string, error) {
	if e.asked == nil {
		return e.Labels, nil
	}
	layer, classes := n.Scores()
	if layer == "" {
		return nil, errors.New("the network has no layer of class scores that labels could name: leave out --labels")
	}
	labels, _, err := metadata.Fit(e.asked, classes)
	if err != nil {
		return nil, fmt.Errorf("%w of layer %q: give another list with --labels", err, layer)
	}
	return labels, nil
}

// hasLabels reports whether a file has those asked for.
func (e *Entry) hasLabels(labels []string) bool {
	if e.asked == nil {
		return true
	}
	want, _, err := metadata.Fit(e.asked, len(labels))
	return err == nil && slices.Equal(want, labels)
}
