// Package tfjs reads TensorFlow.js models, layers models (a Keras topology)
// and graph models (a TensorFlow GraphDef), into the graph that the importers
// share. It imports only the standard library and tools/convert/nd.
//
// A model is a folder: model.json holds the topology and the manifest of the
// weights, whose values lie in binary shards beside it. A package made for
// bundlers wraps the same files in JavaScript modules (model.min.js, shards as
// base64); these are read as data, no JavaScript is run.
//
// TensorFlow computes in NHWC, the shared graph has ONNX's operators, which
// convolve in NCHW: convolutions and pools get a Transpose before and after.
// Every value keeps its name: a graph model's values are called after their
// nodes, a layers model's after their layers. Names that the reader has to
// invent hold a colon, which TensorFlow's names never do.
package tfjs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"likeness/tools/convert/nd"
	"likeness/tools/convert/tensorflow"
	"likeness/tools/regular"
)

// Options settle what a file may leave open.
type Options = tensorflow.Options

const (
	// maxModelJSON bounds the topology; those of published networks stay
	// below a few MiB.
	maxModelJSON = 32 << 20
	// maxValues bounds the JSON values of the topology, which take more memory
	// than bytes in the file.
	maxValues = 1 << 20
)

// Read reads a model: a folder that holds model.json (or model.min.js), or
// one of these files. Shards are read from the same folder and from nowhere
// else, links that lead out of it included.
func Read(file string, opt Options) (*nd.Graph, error) {
	root, name, err := open(file)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return ReadFS(root.FS(), name, opt)
}

// Files lists the files that Read would read, the model first, then the shards
// in their order, as paths.
func Files(file string) ([]string, error) {
	root, name, err := open(file)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	m, name, err := readModel(root.FS(), name)
	if err != nil {
		return nil, err
	}
	out := []string{filepath.Join(root.Name(), name)}
	if err := checkManifest(m.WeightsManifest); err != nil {
		return nil, err
	}
	for _, g := range m.WeightsManifest {
		for _, p := range g.Paths {
			s, _, err := findShard(root.FS(), ".", p)
			if err != nil {
				return nil, err
			}
			out = append(out, filepath.Join(root.Name(), s.name))
		}
	}
	return out, nil
}

// open gives the model's folder and the name of the file in it, "" for a
// folder.
func open(file string) (*os.Root, string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, "", err
	}
	dir, name := file, ""
	if !info.IsDir() {
		dir, name = filepath.Split(file)
		if dir == "" {
			dir = "."
		}
	}
	root, err := os.OpenRoot(dir)
	return root, name, err
}

// ReadFS reads the model whose topology is in the named file, or in model.json
// or model.min.js if the name is "".
func ReadFS(fsys fs.FS, name string, opt Options) (*nd.Graph, error) {
	if opt.Height < 0 || opt.Width < 0 || opt.Height > tensorflow.MaxSide || opt.Width > tensorflow.MaxSide {
		return nil, fmt.Errorf("picture size %d x %d is out of range: sides from 1 to %d are possible, 0 takes the file's", opt.Height, opt.Width, tensorflow.MaxSide)
	}
	m, name, err := readModel(fsys, name)
	if err != nil {
		return nil, err
	}
	weights, err := readWeights(fsys, path.Dir(name), m.WeightsManifest)
	if err != nil {
		return nil, err
	}
	b := tensorflow.New(opt)
	if err := read(b, m, weights); err != nil {
		return nil, err
	}
	return b.Graph()
}

// readModel reads the topology and the manifest.
func readModel(fsys fs.FS, name string) (*modelJSON, string, error) {
	if name == "" {
		name = "model.json"
		if _, err := fs.Stat(fsys, name); err != nil {
			if _, err := fs.Stat(fsys, "model.min.js"); err != nil {
				return nil, "", errors.New("the folder holds no model.json and no model.min.js")
			}
			name = "model.min.js"
		}
	}
	data, err := readLimited(fsys, name, maxModelJSON)
	if err != nil {
		return nil, "", err
	}
	if strings.HasSuffix(name, ".js") {
		if data, err = moduleJSON(data); err != nil {
			return nil, "", fmt.Errorf("%s: %w", name, err)
		}
	}
	if n := values(data); n > maxValues {
		return nil, "", fmt.Errorf("%s holds %d values, at most %d are read: it is no network of pictures", name, n, maxValues)
	}
	var m modelJSON
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, "", fmt.Errorf("%s is not a TensorFlow.js model: %w", name, err)
	}
	return &m, name, nil
}

// modelJSON is the file, as far as it is read.
type modelJSON struct {
	Format        string          `json:"format"` // layers-model, graph-model or absent
	ModelTopology json.RawMessage `json:"modelTopology"`
	Signature     *signature      `json:"signature"`
	UserMetadata  struct {
		Signature *signature `json:"signature"`
	} `json:"userDefinedMetadata"`
	WeightsManifest []weightGroup `json:"weightsManifest"`
}

func read(b *tensorflow.Builder, m *modelJSON, weights map[string]*nd.Tensor) error {
	top := bytes.TrimSpace(m.ModelTopology)
	if len(top) == 0 || top[0] != '{' {
		return errors.New("the model has no modelTopology; is this the model.json of TensorFlow.js?")
	}
	var kind struct {
		Node      json.RawMessage `json:"node"`
		ClassName string          `json:"class_name"`
		Config    json.RawMessage `json:"model_config"`
	}
	if err := json.Unmarshal(top, &kind); err != nil {
		return fmt.Errorf("modelTopology: %w", err)
	}
	switch {
	case kind.Node != nil:
		sig := m.Signature
		if m.UserMetadata.Signature != nil {
			sig = m.UserMetadata.Signature
		}
		return readGraphModel(b, top, sig, weights)
	case kind.Config != nil:
		return readLayersModel(b, kind.Config, weights)
	case kind.ClassName != "":
		return readLayersModel(b, top, weights)
	}
	return errors.New("modelTopology holds neither a graph (node) nor layers (model_config)")
}

// readLimited reads a file of the model's folder that has at most limit bytes.
func readLimited(fsys fs.FS, name string, limit int64) ([]byte, error) {
	data, err := regular.ReadFS(fsys, name, limit)
	var bad *regular.Error
	if errors.As(err, &bad) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, err
}

// values counts the values of a JSON text, about: what begins an object or a
// list, or follows a comma.
func values(data []byte) (n int) {
	inside := false // a string
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			inside = !inside
		case inside && c == '\\':
			i++
		case inside:
		case c == '{', c == '[', c == ',':
			n++
		}
	}
	return n
}
