package convert

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"likeness/engine/picture"
	"likeness/tools/convert/float"
	"likeness/tools/convert/lower"
	"likeness/tools/convert/metadata"
	"likeness/tools/convert/nd"
	"likeness/tools/convert/onnx"
	"likeness/tools/convert/tfjs"
	"likeness/tools/convert/tflite"
	"likeness/tools/regular"
)

// maxFile bounds a network's file; the largest in use has 550 MB.
const maxFile = 1 << 30

// Format is a kind of file that networks come in.
type Format string

// The formats.
const (
	ONNX   Format = "onnx"
	TFLite Format = "tflite"
	TFJS   Format = "tfjs"
)

// FormatOf tells a file's format by its name, "" for others. A folder, or a JSON
// or JavaScript file, is TensorFlow.js.
func FormatOf(path string) Format {
	info, err := os.Stat(path)
	ext := strings.ToLower(filepath.Ext(path))
	switch {
	case err == nil && (info.IsDir() || info.Mode().IsRegular() && (ext == ".json" || ext == ".js")):
		return TFJS
	case ext == ".onnx":
		return ONNX
	case ext == ".tflite":
		return TFLite
	}
	return ""
}

// Size is that of pictures, pixels. 0 takes the file's.
type Size struct{ Width, Height int }

// Source is a network's file that has been read. Its weights are not yet: what the
// preparation needs to know of it comes before.
type Source struct {
	Prepare picture.Preparation // guessed, without a size
	Said    string              // what the guess goes by
	Size    Size                // 0 where the file leaves it open
	Bytes   bool                // it takes bytes, whose scale and zero it tells
	SHA256  string              // of the file, or of the list that sha256sum prints of all of them

	graph *nd.Graph
	lite  []byte // TensorFlow Lite, read for the size that is settled
}

// Open reads the network's file, or files. name is the network's, one of the marks
// that the guess goes by. size is needed for TensorFlow.js models that fix none.
func Open(path, name string, size Size) (*Source, error) {
	switch FormatOf(path) {
	case ONNX:
		data, hash, err := readHashed(path)
		if err != nil {
			return nil, err
		}
		g, external, err := onnx.DecodeFiles(data, filepath.Dir(path))
		if err == nil && len(external) > 0 {
			files := []string{path}
			for _, beside := range external {
				files = append(files, filepath.Join(filepath.Dir(path), beside))
			}
			hash, err = listHash(files)
		}
		if err != nil {
			return nil, err
		}
		return ofGraph(g, name, hash), nil
	case TFLite:
		data, hash, err := readHashed(path)
		if err != nil {
			return nil, err
		}
		return ofLite(data, hash), nil
	case TFJS:
		files, err := tfjs.Files(path)
		if err != nil {
			return nil, err
		}
		hash, err := listHash(files)
		if err != nil {
			return nil, err
		}
		g, err := tfjs.Read(path, tfjs.Options{Height: size.Height, Width: size.Width, Partial: true})
		if err != nil {
			return nil, err
		}
		return ofGraph(g, name, hash), nil
	}
	if _, _, err := readHashed(path); err != nil { // it may not be there at all
		return nil, err
	}
	return nil, errors.New("unknown kind of file: .tflite, .onnx and TensorFlow.js's model.json are read")
}

// Files lists the files that Open would read, as far as their names are known
// before: those beside an ONNX file are not.
func Files(path string) ([]string, error) {
	if FormatOf(path) != TFJS {
		return []string{path}, nil
	}
	files, err := tfjs.Files(path)
	return slices.Compact(files), err
}

// Parse reads ONNX or TensorFlow Lite from memory, with weights in the file alone.
func Parse(format Format, data []byte, name string) (*Source, error) {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	switch format {
	case ONNX:
		g, err := onnx.Decode(data, "")
		if err != nil {
			return nil, err
		}
		return ofGraph(g, name, hash), nil
	case TFLite:
		return ofLite(data, hash), nil
	}
	return nil, fmt.Errorf("unknown format %q", format)
}

// Network lowers what was read, for the preparation in opt.
func (s *Source) Network(opt Options) (*float.Network, error) {
	g := s.graph
	if g == nil {
		var err error
		if g, err = tflite.Read(s.lite, tflite.Options{Height: opt.Prepare.Height, Width: opt.Prepare.Width}); err != nil {
			return nil, err
		}
	}
	strip(g, opt.Strip)
	return lower.Graph(g, opt)
}

// Options say which part of a file to take and how pictures are prepared.
type Options = lower.Options

func ofGraph(g *nd.Graph, name, hash string) *Source {
	s := &Source{graph: g, SHA256: hash}
	s.Prepare, s.Said = metadata.Guess(g, name)
	s.Size.Width, s.Size.Height = lower.PictureSize(g)
	return s
}

// ofLite guesses by what a TensorFlow Lite file tells of its input.
func ofLite(data []byte, hash string) *Source {
	s := &Source{lite: data, SHA256: hash, Bytes: tflite.Bytes(data)}
	s.Prepare, _ = picture.Preset("tf") // built in
	s.Said = "pictures are prepared as \"tf\" (-1 to 1), as most TensorFlow Lite networks are; the file does not say"
	if mean, std, why := tflite.Preparation(data); why != "" {
		s.Prepare.Mean, s.Prepare.Std = [3]float64{mean, mean, mean}, [3]float64{std, std, std}
		s.Said = "pictures are prepared " + why
	}
	s.Prepare.Width, s.Prepare.Height, s.Prepare.Side = 0, 0, 0
	s.Size.Width, s.Size.Height = tflite.Size(data)
	return s
}

func readHashed(path string) (data []byte, hash string, err error) {
	if data, _, err = regular.Read(path, maxFile); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(data)
	return data, hex.EncodeToString(sum[:]), nil
}

// listHash is the hash of the list that sha256sum prints of files in one folder.
func listHash(files []string) (string, error) {
	list := sha256.New()
	for _, file := range files {
		f, _, err := regular.Open(file, maxFile)
		if err != nil {
			return "", err
		}
		sum := sha256.New()
		_, err = io.Copy(sum, f)
		f.Close()
		if err != nil {
			return "", err
		}
		name, err := filepath.Rel(filepath.Dir(files[0]), file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(list, "%x  %s\n", sum.Sum(nil), filepath.ToSlash(name))
	}
	return hex.EncodeToString(list.Sum(nil)), nil
}

// strip removes a prefix from all names.
func strip(g *nd.Graph, prefix string) {
	if prefix == "" {
		return
	}
	cut := func(names []string) {
		for i := range names {
			names[i] = strings.TrimPrefix(names[i], prefix)
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		n.Name = strings.TrimPrefix(n.Name, prefix)
		cut(n.Inputs)
		cut(n.Outputs)
	}
	for _, values := range [][]nd.Value{g.Inputs, g.Outputs} {
		for i := range values {
			values[i].Name = strings.TrimPrefix(values[i].Name, prefix)
		}
	}
	g.Const, g.Ranges, g.Steps = stripKeys(g.Const, prefix), stripKeys(g.Ranges, prefix), stripKeys(g.Steps, prefix)
}

// stripKeys removes a prefix from the names of a map.
func stripKeys[T any](m map[string]T, prefix string) map[string]T {
	if m == nil {
		return nil
	}
	out := map[string]T{}
	for name, v := range m {
		out[strings.TrimPrefix(name, prefix)] = v
	}
	return out
}
