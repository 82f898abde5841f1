package convert

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors are the packages of the converter from the ground up; none imports one of
// its own floor or above.
var floors = [][]string{
	{"failure", "litefile"},
	{"guard", "flatbuffer"},
	{"parallel", "nd"},
	{"tensorflow", "onnx", "float", "metadata"},
	{"tfjs", "tflite", "lower", "quantise"},
	{"."},
}

// TestImports: the packages know only those below.
func TestImports(t *testing.T) {
	floor := map[string]int{}
	for i, names := range floors {
		for _, name := range names {
			floor[name] = i
		}
	}
	for name, at := range floor {
		files, err := filepath.Glob(filepath.Join(name, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", name, files, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range f.Imports {
				path, err := strconv.Unquote(s.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				if path == "likeness/tools/convert" {
					t.Errorf("%s imports the door", file)
				}
				if in, ok := strings.CutPrefix(path, "likeness/tools/convert/"); ok {
					if below, known := floor[in]; !known || below >= at {
						t.Errorf("%s imports %s, which is not below it", file, in)
					}
				}
			}
		}
	}
	dirs, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if _, known := floor[d.Name()]; d.IsDir() && !known && !slices.Contains([]string{"internal", "testdata"}, d.Name()) {
			t.Errorf("%s stands on no floor", d.Name())
		}
	}
}
