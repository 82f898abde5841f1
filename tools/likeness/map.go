package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"likeness/engine/project"
	"likeness/engine/search"
	"likeness/tools/output"
)

var mapCommand = command{
	name:    "map",
	summary: "lay vectors out on a map: alike pictures near each other",
	usage:   "[--method pca|tsne|umap] [flags] VECTORS... -o FILE.csv|.svg|.png",
	example: "likeness embed -o vectors.npy photos/\n" +
		"likeness map vectors.npy -o map.svg             # a drawing, coloured by folder\n" +
		"likeness map vectors.npy --dims 3 -o map.csv    # name, x, y, z",
	run: (*app).drawMap,
}

type mapFlags struct {
	method, out, size string
	seed              uint64
	dims, neighbours  int
	epochs            int
	perplexity        float64
	minDist, point    float64
	json              bool

	format        string // csv, svg or png
	width, height int
}

func (f *mapFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.method, "method", "", "pca, tsne or umap (default: umap; pca for fewer than "+strconv.Itoa(project.FewVectors)+" vectors)")
	fs.StringVar(&f.out, "o", "-", "`FILE` to write: .csv (name, x, y and z), .svg or .png (points, coloured by folder); - is csv on standard output")
	fs.Uint64Var(&f.seed, "seed", 0, "`NUMBER` that chooses what is left to chance: the same gives the same map, everywhere")
	fs.IntVar(&f.dims, "dims", 2, "2 or 3 dimensions; a drawing has 2")
	fs.Float64Var(&f.perplexity, "perplexity", 30, "tsne: about how many `NEIGHBOURS` count, less for few vectors")
	fs.IntVar(&f.neighbours, "neighbours", 15, "umap: `K` neighbours of each vector: few show detail, many the whole")
	fs.Float64Var(&f.minDist, "min-dist", 0.1, "umap: how close alike vectors may come, `D` of 0 to 1")
	fs.IntVar(&f.epochs, "epochs", 0, "`ROUNDS` of umap (default: 500, 200 from 10,000 vectors on) or tsne (default: 750)")
	fs.StringVar(&f.size, "size", "1200x900", "`WIDTHxHEIGHT` of a drawing, pixels")
	fs.Float64Var(&f.point, "point", 0, "diameter of a point, `PIXELS` (default: by the number of vectors)")
	fs.BoolVar(&f.json, "json", false, "print a summary as JSON: on standard output, or on standard error when the map is there")
}

// check refuses what can be refused before any work.
func (f *mapFlags) check(fs *flag.FlagSet, paths []string) error {
	set := map[string]bool{}
	fs.Visit(func(g *flag.Flag) { set[g.Name] = true })
	if !set["perplexity"] {
		f.perplexity = 0 // as many as there can be
	}
	f.format = "csv"
	if f.out != "-" {
		f.format = strings.TrimPrefix(strings.ToLower(filepath.Ext(f.out)), ".")
	}
	var err error
	switch {
	case len(paths) == 0:
		return usagef("no vectors: name a file that likeness embed wrote")
	case !slices.Contains([]string{"", "pca", "tsne", "umap"}, f.method):
		return usagef("--method %s is not known: choose pca, tsne or umap", f.method)
	case !slices.Contains([]string{"csv", "svg", "png"}, f.format):
		return usagef("-o %s: the name must end in .csv, .svg or .png, which chooses the format", f.out)
	case f.dims != 2 && f.dims != 3:
		return usagef("--dims %d: a map has 2 or 3 dimensions", f.dims)
	case f.dims == 3 && f.format != "csv":
		return usagef("--dims 3: a drawing has two dimensions: write .csv, or leave --dims out")
	case set["perplexity"] && f.method != "tsne":
		return usagef("--perplexity is for --method tsne")
	case (set["neighbours"] || set["min-dist"]) && f.method != "" && f.method != "umap":
		return usagef("--neighbours and --min-dist are for --method umap")
	case set["epochs"] && f.method == "pca":
		return usagef("--epochs is for umap and tsne")
	case set["perplexity"] && !(f.perplexity >= 1 && f.perplexity <= search.MaxNeighbours/3):
		return usagef("--perplexity %v is not in 1..%d", f.perplexity, search.MaxNeighbours/3)
	case f.neighbours < 2 || f.neighbours > search.MaxNeighbours:
		return usagef("--neighbours %d is not in 2..%d", f.neighbours, search.MaxNeighbours)
	case !(f.minDist >= 0 && f.minDist <= 1):
		return usagef("--min-dist %v is not in 0..1", f.minDist)
	case f.epochs < 0 || set["epochs"] && f.epochs == 0 || f.epochs > 1<<20:
		return usagef("--epochs %d is not in 1..%d", f.epochs, 1<<20)
	case f.point != 0 && !(f.point >= 0.5 && f.point <= 100):
		return usagef("--point %v is not in 0.5..100", f.point)
	case (set["size"] || set["point"]) && f.format == "csv":
		return usagef("--size and --point are for drawings: write .svg or .png")
	}
	if f.width, f.height, err = parseSize(f.size); err != nil {
		return usagef("--size: %v", err)
	}
	if f.method == "" && (set["neighbours"] || set["min-dist"]) {
		f.method = "umap"
	}
	return nil
}

const leastSide, mostSide = 200, 10000

func parseSize(s string) (w, h int, err error) {
	a, b, ok := strings.Cut(strings.ToLower(s), "x")
	w, errW := strconv.Atoi(a)
	h, errH := strconv.Atoi(b)
	if !ok || errW != nil || errH != nil || min(w, h) < leastSide || max(w, h) > mostSide {
		return 0, 0, fmt.Errorf("%q is not WIDTHxHEIGHT of %d to %d pixels", s, leastSide, mostSide)
	}
	return w, h, nil
}

// mapSummary is what map --json prints.
type mapSummary struct {
	Output     string    `json:"output"`
	Vectors    int       `json:"vectors"`
	Method     string    `json:"method"`
	Seed       uint64    `json:"seed"`
	Dims       int       `json:"dims"`
	Neighbours int       `json:"neighbours,omitempty"` // looked at for each vector
	Rounds     int       `json:"rounds,omitempty"`
	Explained  []float64 `json:"explained,omitempty"` // pca: share of the variance
	// Near is the number of neighbours of Faithfulness, 10 where there are
	// enough vectors; 0: too few to measure.
	Near int `json:"near"`
	*project.Faithfulness
	Seconds float64 `json:"seconds"`
}

func (a *app) drawMap(fs *flag.FlagSet, args []string) (int, error) {
	var f mapFlags
	f.define(fs)
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if err := f.check(fs, paths); err != nil {
		return exitFatal, err
	}
	start := time.Now()
	c, err := a.readVectorSet(paths)
	if err != nil {
		return exitFatal, err
	}
	out, err := a.openResult(f.out, mapKind(f.format), output.Inputs{What: "file of vectors", Paths: c.files})
	if err != nil {
		return exitFatal, err
	}
	defer out.discard()
	p := newProgress(a.stderr)
	defer p.clear()
	m := &mapper{app: a, flags: &f, c: c, p: p}
	coords, s, err := m.run()
	if err != nil {
		return exitFatal, err
	}
	var data []byte
	switch f.format {
	case "csv":
		data = mapTable(c.names, coords, f.dims)
	case "svg":
		data = newDrawing(&f, c.names, coords).svg()
	default:
		if data, err = newDrawing(&f, c.names, coords).png(); err != nil {
			return exitFatal, err
		}
	}
	p.clear()
	if err := out.write(data); err != nil {
		return exitFatal, err
	}
	s.Seconds = time.Since(start).Seconds()
	return exitOK, a.tellMap(s, f.json)
}

// tellMap prints the summary.
func (a *app) tellMap(s *mapSummary, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(a.besides(s.Output)).Encode(s)
	}
	text := fmt.Sprintf("%d vectors mapped by %s", s.Vectors, s.Method)
	if s.Method != "pca" {
		text += fmt.Sprintf(", seed %d, %d neighbours, %d rounds", s.Seed, s.Neighbours, s.Rounds)
	} else {
		total := 0.0
		for _, e := range s.Explained {
			total += e
		}
		text += fmt.Sprintf(", which shows %.1f %% of the variance", 100*total)
	}
	text += fmt.Sprintf(", in %.1f s", s.Seconds)
	if s.Faithfulness != nil {
		text += fmt.Sprintf("; trustworthiness@%d %.3f, %.3f of the %d nearest kept", s.Near, s.Trustworthiness, s.Kept, s.Near)
	}
	if s.Output != "-" {
		text += ", written to " + shown(s.Output)
	}
	a.say("%s", text)
	return nil
}

// besides is where a summary goes: not between the lines of a result.
func (a *app) besides(out string) io.Writer {
	if out == "-" {
		return &safeWriter{a.stderr}
	}
	return a.text()
}

// mapTable is the map as CSV: name, x, y and z. Decimals are the shortest that
// read back as the same float32.
func mapTable(names []string, coords []float32, dims int) []byte {
	b := []byte(mapHeading(dims))
	for i, name := range names {
		b = appendField(b, name)
		for _, x := range coords[i*dims:][:dims] {
			b = strconv.AppendFloat(append(b, ','), float64(x), 'g', -1, 32)
		}
		b = append(b, '\r', '\n')
	}
	return b
}

func mapHeading(dims int) string { return "name,x,y,z"[:4+2*dims] + "\r\n" }

// mapKind is what a map may replace: one of the same format.
func mapKind(format string) output.Kind {
	switch format {
	case "csv":
		return beginning("a map", "name,x,y")
	case "svg":
		return beginning("a drawing of this program", svgStart)
	}
	return output.Kind{Name: "a drawing of this program", Is: isMapPNG}
}
