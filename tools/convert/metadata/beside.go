package metadata

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"likeness/tools/regular"
)

// names of files that tell of the network beside them.
var names = []string{"metadata.json", "preprocessor_config.json", "config.json"}

// lists of labels that Teachable Machine and others lay beside a network.
var lists = []string{"labels.txt"}

// Beside reads the files that lie beside a network, or above it where its folder is
// called onnx, as on Hugging Face. path is a file, or a folder with a model.json.
// Files of these names that are of other programs are passed over. files are those
// that were read and tell something.
func Beside(path string) (sources []*Source, files []string, err error) {
	dir := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		dir = filepath.Dir(path)
	}
	dirs := []string{dir}
	if abs, err := filepath.Abs(dir); err == nil && filepath.Base(abs) == "onnx" {
		dirs = append(dirs, filepath.Dir(abs))
	}
	for _, dir := range dirs {
		for _, name := range append(names, lists...) {
			file := filepath.Join(dir, name)
			if file == filepath.Clean(path) {
				continue
			}
			s, err := readBeside(file, name)
			if err != nil {
				return nil, nil, fmt.Errorf("beside the network: %w: repair or remove it, or pass --labels none and --preparation-from none", err)
			}
			if s != nil {
				sources, files = append(sources, s), append(files, file)
			}
		}
	}
	return sources, files, nil
}

func readBeside(file, name string) (*Source, error) {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return nil, nil
	}
	data, _, err := regular.Read(file, MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if name == lists[0] {
		labels, err := Labels(data, name)
		if err != nil {
			return nil, err
		}
		return &Source{From: name, Labels: labels}, nil
	}
	s, ok, err := Read(data, name)
	if err != nil || !ok {
		return nil, err
	}
	return s, nil
}
