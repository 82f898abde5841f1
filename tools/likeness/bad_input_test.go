//go:build unix

package main

import (
	"bytes"
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// badInput is a command line that must be refused: @ is the folder of the
// test, and want what its one line on standard error holds, separated by |.
type badInput struct{ args, want string }

// usageInputs are mistakes in how the program is called.
var usageInputs = []badInput{
	{"emebd", `"emebd"|likeness --help lists the commands`},
	{"-x", `"-x"|likeness --help`},
	{"embed", "no pictures|embed --help"},
	{"embed --model", "-model|embed --help"},
	{"embed --nosuch @photos", "-nosuch|embed --help"},
	{"embed --model @m.safetensors", "no pictures"},
	{"embed --model @m.safetensors --pool median @photos", `"median"|avg, max, flatten`},
	{"embed --model @m.safetensors --format xls @photos", `"xls"|npy, csv, jsonl, tsv`},
	{"embed --model @m.safetensors --format NPY @photos", `"NPY"|npy, csv, jsonl, tsv`},
	{"embed --model @m.safetensors --layer nosuch @photos", `"nosuch"|features`},
	{"embed --model @m.safetensors --resize zoom -o @v.npy @photos", "zoom|shorter, stretch, fit, tiles, none"},
	{"embed --model @m.safetensors --normalize=maybe @photos", "maybe|embed --help"},
	{"embed --model @m.safetensors -o= @photos", "-o needs a file"},
	{"embed --model @m.safetensors --update @photos", "--update|-o FILE"},
	{"embed --model @m.safetensors --update -o - @photos", "--update|-o FILE"},
	{"embed --model @m.safetensors --by-content -o @v.npy @photos", "--by-content|--update"},
	{"embed --model @m.safetensors --null @photos", "--null|--files-from"},
	{"embed --model @m.safetensors --memory lots @photos", `"lots"|512M or 4G`},
	{"embed --model @m.safetensors --memory -1G @photos", `"-1G"|512M or 4G`},
	{"embed --model @m.safetensors --memory 0 @photos", `"0"|512M or 4G`},
	{"embed --model @m.safetensors --memory 1M -o @v.npy @photos", "--memory|give at least"},
	{"convert", "-o OUT|convert --help"},
	{"convert @net", "-o OUT|convert --help"},
	{"convert -o @x.safetensors", "one file|convert --help"},
	{"convert @net @net -o @x.safetensors", "one file|convert --help"},
	{"convert @net -o @x.safetensors --preset nosuch", `"nosuch"|torch, tf, caffe or unit`},
	{"convert @net -o @x.safetensors --mean red", `"red"`},
	{"convert @net -o @x.safetensors --mean 1,2", "2 numbers|1 or 3"},
	{"convert @net -o @x.safetensors --mean 1 --std 0", "std [0 0 0]|std must be positive|convert --help"},
	{"convert @net -o @x.safetensors --preset tf --mean NaN", "mean"},
	{"convert @net -o @x.safetensors --preset tf --size 0", `"0"|WIDTHxHEIGHT`},
	{"convert @net -o @x.safetensors --preset tf --size 8x", `"8x"|WIDTHxHEIGHT`},
	{"convert @net -o @x.safetensors --preset tf --size 9", "not 9 x 9|height 8 and width 8"},
	{"convert @net -o @x.safetensors --preset tf --size 99999999999999999999", "WIDTHxHEIGHT"},
	{"convert @net -o @x.safetensors --preset tf --order RBG", `"RBG"|RGB or BGR`},
	{"convert @net -o @x.safetensors --preset tf --resize zoom", `"zoom"|shorter`},
	{"convert @net -o @x.safetensors --preset tf --interpolation lanczos", `"lanczos"|bilinear, bicubic, nearest`},
	{"convert @net -o @x.safetensors --preset tf --side 3", "3|8"},
	{"convert @net -o @x.safetensors --preset tf --layer nosuch", "nosuch"},
	{"convert @net -o @x.safetensors --preset tf --until nosuch", "nosuch"},
	{"convert @net -o @x.safetensors --preset tf --output nosuch", "nosuch"},
	{"inspect @m.safetensors @m.safetensors", "one model is wanted, 2 are given"},
	{"inspect --jsn @m.safetensors", "-jsn|inspect --help"},
	{"eval", "one folder"},
	{"eval @photos @photos", "one folder|2"},
	{"eval --model @m.safetensors --pool best @labels", "best|avg, max, flatten"},
	{"eval --model @m.safetensors --layer nosuch @labels", "nosuch|features"},
	{"eval --model @m.safetensors @photos", "@photos|no subfolders with pictures"},
	{"eval --model @m.safetensors @nothing", "@nothing|cannot be read"},
	{"eval --model @m.safetensors,@nosuch @labels", "nosuch"},
	{"eval --memory none @labels", `"none"|512M or 4G`},
	{"bench --runs 0 --model @m.safetensors", "at least one run"},
	{"bench --runs many --model @m.safetensors", "many|bench --help"},
	{"bench --model @m.safetensors @photos", "flags only"},
	{"teach --model @m.safetensors --pool gem -o @new.safetensors @photos", "--pool gem|avg, max or flatten"},
	{"bench --model @m.safetensors --load --profile", "--load|leave"},
	{"bench --model @m.safetensors --load --layer nosuch", "nosuch|features"},
	{"bench --model @m.safetensors --layer nosuch", "nosuch|features"},
	{"serve --port 70000 @site", "0..65535"},
	{"serve --port -1 @site", "0..65535"},
	{"serve --port http @site", "http|serve --help"},
	{"serve @photos", "@photos|index.html|make build"},
	{"serve @nothing", "@nothing|index.html"},
	{"serve @m.safetensors", "@m.safetensors|index.html"},
	{"serve @site @site", "one folder"},
	{"pull nosuchmodel --dir @pulled", "nosuchmodel"},
	{"pull --file @net.onnx --dir @pulled", "--file|name it"},
	{"pull vgg16 --dir @m.safetensors", "@m.safetensors|--dir"},
}

// modelInputs are files in a model's place.
var modelInputs = []badInput{
	{"inspect @nosuch.safetensors", "nosuch.safetensors|check the name"},
	{"embed --model nosuch @photos", "nosuch|likeness pull"},
	{"inspect @empty", "@empty|obtain it again"},
	{"inspect @cut.safetensors", "@cut.safetensors|obtain it again"},
	{"embed --model @cut.safetensors @photos", "@cut.safetensors|obtain it again"},
	{"bench --model @cut.safetensors", "@cut.safetensors|obtain it again"},
	{"eval --model @cut.safetensors @labels", "@cut.safetensors|obtain it again"},
	{"inspect @head.safetensors", "@head.safetensors|obtain it again"},
	{"inspect @long.safetensors", "@long.safetensors|obtain it again"},
	{"inspect @json.safetensors", "@json.safetensors|obtain it again"},
	{"inspect @zeros", "@zeros|obtain it again"},
	{"inspect @text", "@text|obtain it again"},
	{"inspect @photos/a.png", "a.png|obtain it again"},
	{"inspect @photos", "@photos|it is a folder"},
	{"inspect @net.tflite", "@net.tflite|likeness convert"},
	{"inspect @net.onnx", "@net.onnx|obtain it again"},
	{"embed --model @photos @photos", "@photos|it is a folder"},
	{"inspect /dev/null", "/dev/null|device"},
	{"convert @nosuch.onnx -o @x.safetensors", "@nosuch.onnx|no such file"},
	{"convert @nosuch -o @x.safetensors", "@nosuch|no such file"},
	{"convert @empty -o @x.safetensors", "@empty|.tflite, .onnx and TensorFlow.js's model.json are read"},
	{"convert @text -o @x.safetensors", "@text|.tflite, .onnx"},
	{"convert @photos/a.png -o @x.safetensors", "a.png|.tflite, .onnx"},
	{"convert @empty.onnx -o @x.safetensors", "@empty.onnx"},
	{"convert @page.onnx -o @x.safetensors", "@page.onnx"},
	{"convert @noise.onnx -o @x.safetensors", "@noise.onnx"},
	{"convert @empty.tflite -o @x.safetensors", "@empty.tflite|not a TensorFlow Lite file"},
	{"convert @page.tflite -o @x.safetensors", "@page.tflite|not a TensorFlow Lite file"},
	{"convert @noise.tflite -o @x.safetensors", "@noise.tflite|not a TensorFlow Lite file"},
	{"convert @head.tflite -o @x.safetensors", "@head.tflite"},
	{"convert @photos -o @x.safetensors", "@photos|model.json"},
	{"convert @empty.json -o @x.safetensors", "@empty.json"},
	{"convert @page.json -o @x.safetensors", "@page.json"},
	{"convert @list.json -o @x.safetensors", "@list.json"},
	{"convert @shards.json -o @x.safetensors", "nosuch.bin"},
	{"convert @out.json -o @x.safetensors", "../secret"},
	{"convert @short.json -o @x.safetensors", "empty"},
	{"convert @net -o @x.safetensors --calibrate @nothing", "@nothing|name a folder"},
	{"convert @net -o @x.safetensors --calibrate @none", "@none|no pictures|name a folder"},
	{"convert @net -o @x.safetensors --preset tf --calibrate @text", "@text|name a folder"},
	{"convert @net -o @x.safetensors --check @nothing", "@nothing|name a folder"},
	{"convert @net -o @x.safetensors --check @none", "@none|name a folder"},
}

// pathInputs are pictures and lists that are not there, and outputs that may
// not be written.
var pathInputs = []badInput{
	{"embed --model @m.safetensors @nothing", "@nothing|check the name"},
	{"embed --model @m.safetensors @none", "@none|no pictures|.jpg"},
	{"embed --model @m.safetensors --files-from @nothing", "@nothing|no such file"},
	{"embed --model @m.safetensors --files-from @none", "@none"},
	{"embed --model @m.safetensors --files-from @empty", "@empty|names no pictures"},
	{"embed --model @m.safetensors --files-from @lines", "@lines|names no pictures"},
	{"embed --model @m.safetensors --files-from @nul", "@nul|-0"},
	{"embed --model @m.safetensors --files-from @longline", "@longline|one path a line"},
	{"embed --model @m.safetensors -o @photos @photos", "@photos|it is a folder"},
	{"embed --model @m.safetensors -o @photos/ @photos", "@photos"},
	{"embed --model @m.safetensors -o @gone/v.npy @photos", "@gone|make it first"},
	{"embed --model @m.safetensors -o @text/v.npy @photos", "@text"},
	{"embed --model @m.safetensors -o @photos/a.png @photos", "a.png|is the picture|choose another name"},
	{"embed --model @m.safetensors -o @m.safetensors @photos", "@m.safetensors|is the model|choose another name"},
	{"embed --model @m.safetensors -o @text @photos", "@text|does not hold vectors|choose another name"},
	{"embed --model @m.safetensors -o @taken.npy @photos", "@taken.npy.json|choose another name"},
	{"embed --model @m.safetensors --format tsv -o @taken.tsv @photos", "@taken.metadata.tsv|choose another name"},
	{"embed --model @m.safetensors -o @circle @photos", "@circle|circle"},
	{"embed --model @m.safetensors -o @locked.npy @photos", "@locked.npy|write-protected|choose another name"},
	{"embed --model @m.safetensors --update -o @alone.npy @photos", "@alone.npy|leave out --update"},
	{"embed --model @m.safetensors --update -o @edited.npy @photos", "@edited.npy|leave out --update"},
	{"embed --model @m.safetensors --update -o @old.npy --format csv @photos", "@old.npy|--format"},
	{"embed --model @m.safetensors --update -o @old.npy --pool max @photos", "@old.npy|--pool"},
	{"embed --model @m.safetensors --update -o @old.npy --normalize=false @photos", "@old.npy|--normalize"},
	{"embed --model @m.safetensors --update -o @old.npy --resize fit @photos", "@old.npy|--resize"},
	{"embed --model @other.safetensors --update -o @old.npy @photos", "@old.npy|--model"},
	{"embed --model @m.safetensors --update --by-content -o @old.npy @photos", "@old.npy.json|--by-content"},
	{"embed --model @m.safetensors --update -o @foreign.npy @photos", "@foreign.npy.partial|move it away"},
	{"convert @net -o @photos", "@photos|it is a folder"},
	{"convert @net -o @gone/x.safetensors", "@gone|make it first"},
	{"convert @net -o @text", "@text|does not hold a model|choose another name"},
	{"convert @net -o @photos/a.png --calibrate @photos", "a.png|is the calibration picture"},
	{"convert @net -o @net/w.bin", "w.bin|is the network's file"},
	{"convert @net -o @net/model.json", "model.json|is the network's file"},
	{"convert @net -o @locked.npy", "@locked.npy|write-protected"},
}

// badFiles are what the tables speak of.
func badFiles(t *testing.T) (dir string) {
	t.Helper()
	dir, modelFile, photos := fixture(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Rename(modelFile, at("m.safetensors")); err != nil {
		t.Fatal(err)
	}
	writeNetwork(t, dir)
	writeNamedModel(t, at("other.safetensors"), "others")
	for _, d := range []string{"none", "site", "labels/a", "labels/b"} {
		mkdir(t, at(d))
	}
	writePicture(t, at("labels/a/1.png"), 9, 9, 1)
	writePicture(t, at("labels/b/2.png"), 9, 9, 2)
	whole, err := os.ReadFile(at("m.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	noise := bytes.Repeat([]byte{0xff, 0x3a, 0x91, 0x08, 0xfe}, 200)
	page := "<!doctype html><title>Sign in</title>"
	manifest := func(path string) string {
		return `{"modelTopology":{"node":[{"name":"x","op":"Placeholder"}]},"weightsManifest":[{"paths":["` + path + `"],"weights":[{"name":"k","shape":[9],"dtype":"float32"}]}]}`
	}
	for name, data := range map[string]string{
		"empty": "", "text": "Dear diary\n", "zeros": strings.Repeat("\x00", 4096), "site/index.html": page,
		"cut.safetensors": string(whole[:len(whole)-10]), "head.safetensors": string(whole[:40]),
		"long.safetensors": string(binary.LittleEndian.AppendUint64(nil, 1<<62)) + "{}", "json.safetensors": string(binary.LittleEndian.AppendUint64(nil, 2)) + "[]",
		"empty.onnx": "", "page.onnx": page, "noise.onnx": string(noise), "net.onnx": "\x08\x07",
		"empty.tflite": "", "page.tflite": page, "noise.tflite": string(noise), "net.tflite": "\x1c\x00\x00\x00TFL3", "head.tflite": "\x1c\x00\x00\x00TFL3\xff\xff\xff\x7f",
		"empty.json": "", "page.json": page, "list.json": "[1,2]", "shards.json": manifest("nosuch.bin"), "out.json": manifest("../secret"), "short.json": manifest("empty"),
		"lines": "\n\n\n", "nul": "a\x00b\n", "longline": strings.Repeat("x", maxPath+10),
		"taken.npy.json": "{}", "taken.metadata.tsv": "\x89PNG\r\n\x1a\n", "alone.npy": string([]byte("\x93NUMPY\x01\x00")), "foreign.npy.partial": "my notes",
	} {
		writeFile(t, at(name), []byte(data))
	}
	if err := os.Symlink("circle", at("circle")); err != nil {
		t.Skip("no links here:", err)
	}
	for _, name := range []string{"old.npy", "edited.npy", "locked.npy"} {
		if status, _, stderr := likeness(t, "embed", "--model", at("m.safetensors"), "-o", at(name), photos); status != exitOK {
			t.Fatal(stderr)
		}
	}
	f, err := os.OpenFile(at("edited.npy"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte{0})
	f.Close()
	if err := os.Chmod(at("locked.npy"), 0o444); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestBadInputs: each is refused in one line that names what is wrong and what
// to do, with the status for it, and changes and leaves nothing.
func TestBadInputs(t *testing.T) {
	dir := badFiles(t)
	before := snapshotLinks(t, dir)
	n := 0
	for _, table := range [][]badInput{usageInputs, modelInputs, pathInputs} {
		for _, c := range table {
			n++
			t.Run(c.args, func(t *testing.T) {
				args := strings.Fields(strings.ReplaceAll(c.args, "@", dir+string(filepath.Separator)))
				if strings.Contains(c.args, "=") { // an empty value is a field too
					args = slices.DeleteFunc(args, func(s string) bool { return s == "" })
				}
				status, out, stderr := likeness(t, args...)
				oneLine(t, stderr)
				if status != exitFatal || out != "" {
					t.Errorf("status %d, %q on standard output: %s", status, out, stderr)
				}
				for want := range strings.SplitSeq(c.want, "|") {
					if want = strings.ReplaceAll(want, "@", dir+string(filepath.Separator)); !strings.Contains(stderr, want) {
						t.Errorf("%q is missing in %s", want, stderr)
					}
				}
				if after := snapshotLinks(t, dir); !maps.Equal(before, after) {
					t.Error("files have changed, or are new")
					before = after
				}
			})
		}
	}
	if n += len(badPictures(t)); n < 120 {
		t.Errorf("%d rows only", n)
	}
}

// snapshotLinks is snapshot with the names of folders and links.
func snapshotLinks(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			data, err := os.ReadFile(path)
			all[path] = string(data)
			return err
		}
		all[path] = d.Type().String()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
