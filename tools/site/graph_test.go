package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReferences(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []reference
	}{
		{"index.html", `<link href="./page/style.css"><script src="./page/app.js"></script><a href="#x"><img src="data:,">`,
			[]reference{{"page/style.css", true}, {"page/app.js", true}}},
		{"page/style.css", "@import './more.css'; a { background: url(\"./a.svg#x\") } /* url(./no.png) */ b { mask: url(data:x) }",
			[]reference{{"page/more.css", true}, {"page/a.svg", true}}},
		{"lib/a.js", "import './b.js'\nimport {\n  c,\n  d\n} from \"../c.js\"\nexport * from './d.js'\nexport { e } from './e.js'\nimport x from 'bare'\n",
			[]reference{{"lib/b.js", true}, {"c.js", true}, {"lib/d.js", true}, {"lib/e.js", true}}},
		{"lib/a.js", "export function f () {\n  return import('./late.js')\n}\nnew Worker(new URL('./w.js', import.meta.url))\nnew URL(`../heif/${x}.wasm`, import.meta.url)",
			[]reference{{"lib/late.js", true}, {"lib/w.js", true}, {"heif", false}}},
		{"lib/a.js", "// import './no.js'\n/** @type {import('./no.js').T} */\nconst s = './no.js'\n", nil},
		{"page/a.js", "import './b.js'\nfetch('./models/models.json')\nfetch(`./thumbs/${n}.jpg`)\nregister('./sw.js', { scope: './' })",
			[]reference{{"page/b.js", true}, {"models/models.json", true}, {"thumbs", false}, {"sw.js", true}, {"index.html", true}}},
	} {
		if got := references(test.name, test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q\n got %v\nwant %v", test.name, test.text, got, test.want)
		}
	}
}

// fixture is a site of a page, a module and a worker, with changes.
func fixture(t *testing.T, changes map[string]string) *site {
	t.Helper()
	s := &site{out: t.TempDir(), written: map[string]bool{}}
	files := map[string]string{
		"page/app.js":              "import '../likeness.js'\nfetch('./models/models.json')\nfetch('./samples/samples.json')\n",
		"likeness.js":              "export { a } from './lib/a.js'\n",
		"lib/a.js":                 "new Worker(new URL('./worker.js', import.meta.url))\nnew URL('../likeness.wasm', import.meta.url)\nnew URL(`../heif/${x}.wasm`, import.meta.url)\n",
		"lib/worker.js":            "import '../wasm_exec.js'\n",
		"wasm_exec.js":             "",
		"likeness.wasm":            "wasm",
		"sw.js":                    "",
		"models/models.json":       `[{"file": "models/default.safetensors"}, {"file": "models/other.safetensors"}]`,
		defaultModel:               "weights",
		"models/other.safetensors": "other weights",
		"samples/samples.json":     `[{"file": "samples/a.jpg", "thumbnail": "page/samples/a.jpg"}]`,
		"samples/a.jpg":            "large",
		"page/samples/a.jpg":       "small",
		"heif/heic.wasm":           "decoder",
	}
	for name, text := range changes {
		files[name] = text
	}
	for name, text := range files {
		if text == "-" {
			continue
		}
		if err := s.write(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// list writes the list of a fixture.
func (s *site) list(t *testing.T) (precache, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("web/page", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("web/page/index.html", []byte(versionMark+`<script src="./page/app.js"></script>`), 0o644); err != nil {
		t.Fatal(err)
	}
	var p precache
	if err := s.writePrecache(); err != nil {
		return p, err
	}
	return p, s.readJSON("precache.json", &p)
}

func TestPrecache(t *testing.T) {
	s := fixture(t, nil)
	p, err := s.list(t)
	if err != nil {
		t.Fatal(err)
	}
	names := func(m map[string]string) string {
		var all []string
		for name, sum := range m {
			data, err := s.read(name)
			if err != nil || hash(data) != sum {
				t.Errorf("%s: hash %s, %v", name, sum, err)
			}
			all = append(all, name)
		}
		slices.Sort(all)
		return strings.Join(all, " ")
	}
	if got, want := names(p.Files), "index.html lib/a.js lib/worker.js likeness.js likeness.wasm models/default.safetensors models/models.json page/app.js page/samples/a.jpg samples/samples.json wasm_exec.js"; got != want {
		t.Errorf("files\n %s, want\n %s", got, want)
	}
	if got, want := names(p.Later), "heif/heic.wasm models/other.safetensors samples/a.jpg"; got != want {
		t.Errorf("later %s, want %s", got, want)
	}
	if page, err := s.read("index.html"); err != nil || !strings.Contains(string(page), `content="`+p.Version+`"`) || len(p.Version) != 16 {
		t.Errorf("version %s in %s, %v", p.Version, page, err)
	}
	versions := map[string]string{p.Version: "the first"}
	for name, text := range map[string]string{"lib/worker.js": "import '../wasm_exec.js' // changed\n", defaultModel: "2", "models/other.safetensors": "2", "heif/heic.wasm": "2"} {
		q, err := fixture(t, map[string]string{name: text}).list(t)
		if err != nil || versions[q.Version] != "" {
			t.Errorf("with another %s the version %s is that of %s, %v", name, q.Version, versions[q.Version], err)
		}
		versions[q.Version] = name
	}
}

func TestPrecacheRefuses(t *testing.T) {
	for _, test := range []struct {
		changes map[string]string
		want    string
	}{
		{map[string]string{"wasm_exec.js": "-"}, "lib/worker.js asks for wasm_exec.js, which is not in the site"},
		{map[string]string{"lib/worker.js": "-"}, "lib/a.js asks for lib/worker.js"},
		{map[string]string{"likeness.wasm": "-"}, "lib/a.js asks for likeness.wasm"},
		{map[string]string{"page/new.js": ""}, "nothing that index.html loads asks for page/new.js"},
		{map[string]string{"page/app.js": "import '../likeness.js'\nfetch(`./data/${n}.json`)\n"}, "page/app.js asks for a file data… whose name it computes"},
		{map[string]string{"page/app.js": "import '../likeness.js'\nimg.src = './logo.png'\n"}, "page/app.js asks for logo.png"},
		{map[string]string{"page/samples/a.jpg": "-"}, "page/samples/a.jpg"},
		{map[string]string{defaultModel: "-"}, "default.safetensors"},
	} {
		if _, err := fixture(t, test.changes).list(t); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %s", test.changes, err, test.want)
		}
	}
}

// TestRemoveOld: what an earlier build left goes, what others made stays.
func TestRemoveOld(t *testing.T) {
	s := fixture(t, nil)
	for _, name := range []string{"models/likeness_v1.safetensors", "models/likeness_v1.safetensors.br", "lib/gone.js", "lib/gone.js.gz", "lib/gone.d.ts", "page/samples/old.jpg",
		"lib/a.d.ts", "lib/a.js.br", "lib/a.js.gz", "blank/start.js", "notes.txt.gz"} {
		path := filepath.Join(s.out, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.removeOld(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"models/likeness_v1.safetensors": false, "models/likeness_v1.safetensors.br": false, "lib/gone.js": false, "lib/gone.js.gz": false, "lib/gone.d.ts": false, "page/samples/old.jpg": false,
		"lib/a.js": true, "lib/a.d.ts": true, "lib/a.js.br": true, "lib/a.js.gz": true, "blank/start.js": true, "notes.txt.gz": true, defaultModel: true,
	} {
		if _, err := os.Stat(filepath.Join(s.out, name)); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %v", name, err, want)
		}
	}
}

func TestThumbnail(t *testing.T) {
	if _, err := thumbnail([]byte("no picture")); err == nil {
		t.Error("accepted")
	}
}
