package metadata

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLabels(t *testing.T) {
	want := []string{"tench, Tinca tinca", "devil's goldfish", "cock"}
	for _, c := range []struct{ what, name, text string }{
		{"lines", "labels.txt", "tench, Tinca tinca\ndevil's goldfish\ncock\n"},
		{"lines of Windows, with a mark and a blank end", "labels.txt", "\xef\xbb\xbftench, Tinca tinca\r\ndevil's goldfish\r\ncock\r\n\r\n"},
		{"lines of Teachable Machine", "labels.txt", "0 tench, Tinca tinca\n1 devil's goldfish\n2 cock"},
		{"lines of WordNet", "synset.txt", "n01440764 tench, Tinca tinca\nn01443537 devil's goldfish\nn01514668 cock"},
		{"a list", "l.json", `["tench, Tinca tinca", "devil's goldfish", "cock"]`},
		{"pairs", "l.json", `[["n01440764", "tench, Tinca tinca"], ["n01443537", "devil's goldfish"], ["n01514668", "cock"]]`},
		{"Keras's index", "imagenet_class_index.json", `{"2": ["n01514668", "cock"], "0": ["n01440764", "tench, Tinca tinca"], "1": ["n01443537", "devil\u0027s goldfish"]}`},
		{"Keras's class_indices", "c.json", `{"cock": 2, "tench, Tinca tinca": 0, "devil's goldfish": 1}`},
		{"Hugging Face", "config.json", `{"architectures": ["ResNetForImageClassification"], "id2label": {"0": "tench, Tinca tinca", "1": "devil's goldfish", "2": "cock"}, "label2id": {"x": 7}}`},
		{"timm", "config.json", `{"pretrained_cfg": {"label_names": ["a", "b", "cock"]}, "label_names": ["a", "b", "cock"], "label_descriptions": {"a": "tench, Tinca tinca", "b": "devil's goldfish"}}`},
		{"Teachable Machine", "metadata.json", `{"tfjsVersion": "1.3.1", "labels": ["tench, Tinca tinca", "devil's goldfish", "cock"], "imageSize": 224}`},
		{"Python", "names", `{0: 'tench, Tinca tinca', 1: "devil's goldfish", 2: 'cock'}`},
		{"a program", "classes.js", "\"use strict\";\nObject.defineProperty(exports, \"__esModule\", { value: true });\nexports.C = {\n    0: 'tench, ' +\n        'Tinca tinca',\n    1: 'devil\\'s goldfish',\n    2: 'cock',\n};\n"},
	} {
		got, err := Labels([]byte(c.text), c.name)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", c.what, got, err)
		}
	}
	if got, err := Labels([]byte("0\n1\n2\n"), "digits.txt"); err != nil || !slices.Equal(got, []string{"0", "1", "2"}) {
		t.Errorf("names that are numbers: %q, %v", got, err)
	}
}

func TestBadLabels(t *testing.T) {
	for _, c := range []struct{ what, name, text, want string }{
		{"nothing", "l.txt", "", "label 0 is empty"},
		{"an empty line", "l.txt", "a\n\nb\n", "label 1 is empty"},
		{"other letters", "l.txt", "a\n\xff\xfe\n", "not UTF-8"},
		{"a long name", "l.txt", "a\n" + strings.Repeat("b", 1025), "label 1 has 1025 bytes"},
		{"many lines", "l.txt", strings.Repeat("a\n", 131073), "more than 131072 lines"},
		{"many values", "l.json", "[" + strings.Repeat(`"a",`, 131073) + `"a"]`, "more than 131072 labels"},
		{"a deep list", "l.json", strings.Repeat("[", 1<<20), "more than 32 lists in each other"},
		{"cut off", "l.json", `{"0": "a", "1": "b`, "a string is not closed"},
		{"cut off in an escape", "l.json", `["\u00`, "an escape is cut off"},
		{"a hole", "l.json", `{"0": "a", "2": "b"}`, `"2" is not the number of one of 2 labels`},
		{"a number twice", "l.json", `{"a": 0, "b": 0}`, `"0" is not the number`},
		{"a key twice", "l.json", `{"0": "a", "0": "b"}`, "comes twice"},
		{"an absurd number", "l.json", `{"4294967296": "a"}`, `"4294967296" is not the number`},
		{"another end", "l.json", `["a", )`, "a value is wanted"},
		{"another end at once", "l.js", "x = [(])]", "sets no list"},
		{"numbers", "l.json", `[1, 2]`, "a name in quotes is wanted"},
		{"more after it", "l.json", `["a"] ["b"]`, "follows the end"},
		{"no labels", "l.json", `{"model_type": "resnet"}`, `"resnet"`},
		{"an empty list", "l.json", `[]`, "0 labels"},
		{"a program without", "l.js", "var a = {value: true}; b = [1]", "sets no list of names"},
	} {
		start := time.Now()
		got, err := Labels([]byte(c.text), c.name)
		if c.what == "no labels" && err != nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: %.40q, %v; want %q", c.what, got, err, c.want)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s took %v", c.what, d)
		}
	}
}

func TestFit(t *testing.T) {
	list := func(n int, first string) []string {
		labels := []string{first}
		for i := 1; i < n; i++ {
			labels = append(labels, fmt.Sprint(i))
		}
		return labels
	}
	for _, c := range []struct {
		labels  []string
		classes int
		first   string // "" for an error
	}{
		{list(5, "a"), 5, "a"}, {list(1000, "tench"), 1001, "background"}, {list(1001, "Background"), 1000, "1"}, {list(1001, "dummy"), 1000, "1"},
		{list(1001, "tench"), 1000, ""}, {list(5, "background"), 4, ""}, {list(4, "a"), 5, ""}, {list(2, "a"), 0, ""},
	} {
		got, _, err := Fit(c.labels, c.classes)
		if c.first == "" {
			if want := fmt.Sprintf("%d labels for %d classes", len(c.labels), c.classes); err == nil || err.Error() != want {
				t.Errorf("%d for %d: %v, want %q", len(c.labels), c.classes, err, want)
			}
		} else if err != nil || len(got) != c.classes || got[0] != c.first {
			t.Errorf("%d for %d: %d, %v", len(c.labels), c.classes, len(got), err)
		}
	}
}

// The package of the list that "imagenet" fetches, where it has been unpacked.
func TestProgramOfImageNet(t *testing.T) {
	file := os.Getenv("LIKENESS_IMAGENET_CLASSES")
	if file == "" {
		t.Skip("set LIKENESS_IMAGENET_CLASSES to dist/imagenet_classes.js of npm package @tensorflow-models/mobilenet")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Labels(data, "imagenet_classes.js")
	if err != nil || len(got) != 1000 || got[0] != "tench, Tinca tinca" || got[319] != "dragonfly, darning needle, devil's darning needle, sewing needle, snake feeder, snake doctor, mosquito hawk, skeeter hawk" || got[999] != "toilet tissue, toilet paper, bathroom tissue" {
		t.Errorf("%d labels, %v", len(got), err)
	}
}

func FuzzLabels(f *testing.F) {
	for _, s := range []string{"a\nb", "0 a\n1 b", `{"0": ["n1", "a"], "1": "b",}`, `{0: 'a' + "b", 1: "\u00e4\x41\U0001f600"}`, `{"id2label": {"0": "a"}}`, `x = [1]; y = {0: 'a', 1: 'b'}`, `["\ud83d\ude00"]`, "[[[[", "('a', 'b',)"} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, program bool) {
		name := "l.txt"
		if program {
			name = "l.js"
		}
		labels, err := Labels(data, name)
		if err == nil && check(labels) != nil {
			t.Errorf("%q: %v", labels, check(labels))
		}
		if err != nil && !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name the file: %v", err)
		}
	})
}
