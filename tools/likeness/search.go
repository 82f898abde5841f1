package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"likeness/engine"
	"likeness/engine/index"
	"likeness/engine/signal"
)

var searchCommand = command{
	name:    "search",
	summary: "find the pictures of an index that are most like one, as the page does",
	usage:   "[flags] OUT PICTURE",
	example: "likeness search site/search photo.jpg\nlikeness search -k 3 --json site/search photo.jpg",
	run:     (*app).search,
}

// found is one line of what search prints.
type found struct {
	Item  int     `json:"item"`
	Score float32 `json:"score"` // cosine
	indexed
	Near any `json:"near,omitempty"` // left out
}

func (a *app) search(fs *flag.FlagSet, args []string) (int, error) {
	k := fs.Int("k", 10, "how `MANY` to print")
	tag := fs.String("tag", "", "only pictures that have this `TAG`")
	asJSON := fs.Bool("json", false, "print JSON")
	modelName := fs.String("model", "", "`MODEL` file, or its name in models/ (default: the index's)")
	memory := memoryFlag(defaultMemory())
	defineMemory(fs, &memory)
	paths, err := parse(fs, args)
	if err != nil {
		return exitFatal, err
	}
	if len(paths) != 2 {
		return exitFatal, usagef("an index and a picture are wanted, %d paths are given", len(paths))
	}
	if *k < 1 || *k > 1000 {
		return exitFatal, usagef("-k is 1 to 1000")
	}
	x, err := openIndex(a.ctx, paths[0])
	if err != nil {
		return exitFatal, err
	}
	var filter index.Filter
	if *tag != "" {
		var ok bool
		if filter, ok, err = x.Tagged(a.ctx, *tag); err != nil {
			return exitFatal, fmt.Errorf("%s: %w", shown(paths[0]), err)
		} else if !ok {
			return exitFatal, fmt.Errorf("%s has no pictures with the tag %q", shown(paths[0]), *tag)
		}
	}
	vector, err := a.vectorFor(x.Manifest(), paths[0], paths[1], *modelName, int64(memory))
	if err != nil {
		return exitFatal, err
	}
	answer, err := x.Search(a.ctx, vector, *k, filter)
	if err != nil {
		return exitFatal, fmt.Errorf("%s: %w", shown(paths[0]), err)
	}
	return a.printFound(x, answer, *asJSON)
}

// vectorFor makes a picture's vector as the index's were made.
func (a *app) vectorFor(m *index.Manifest, out, file, modelName string, memory int64) ([]float32, error) {
	name := modelName
	if name == "" && m.Source.File != "" {
		if path := filepath.Join(out, filepath.FromSlash(m.Source.File)); filepath.IsLocal(filepath.FromSlash(m.Source.File)) && exists(path) {
			name = path
		}
	}
	if name == "" {
		name = m.Source.Model
	}
	l, err := loadModel(name)
	if err != nil {
		return nil, err
	}
	if l.net.Hash() != m.Source.ModelHash {
		return nil, fmt.Errorf("the index was made with the model %s (%.8s), %s is %.8s: give that one with --model", m.Source.Model, m.Source.ModelHash, shown(l.path), l.net.Hash())
	}
	pool, err := engine.ParsePool(m.Source.Pool)
	if err != nil {
		return nil, err
	}
	o, err := signal.ParseString(m.Source.Signal)
	if err != nil {
		return nil, err
	}
	e := &embedder{app: a, net: l.net, takes: []take{{m.Source.Layer, pool}}, normalize: true, resize: m.Source.Resize, signals: o, memory: memory, progress: newProgress(a.stderr)}
	var one oneVector
	fails, err := e.run([]string{file}, &one)
	if err != nil {
		return nil, err
	}
	if len(fails) > 0 {
		return nil, fmt.Errorf("%v", fails[0])
	}
	return one.vector, nil
}

// oneVector takes the vector of one picture.
type oneVector struct{ vector []float32 }

func (o *oneVector) add(p *embedded) error {
	o.vector = p.vector
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (a *app) printFound(x *index.Index, answer *index.Answer, asJSON bool) (int, error) {
	items := make([]int, len(answer.Matches))
	for i, m := range answer.Matches {
		items[i] = m.Item
	}
	records, err := x.Records(a.ctx, items)
	if err != nil {
		return exitFatal, err
	}
	list := make([]found, len(items))
	for i, r := range records {
		list[i] = found{Item: items[i], Score: answer.Matches[i].Score}
		if err := json.Unmarshal(r, &list[i].indexed); err != nil {
			return exitFatal, fmt.Errorf("the record of item %d: %w: %w", items[i], err, index.ErrDamaged)
		}
		list[i].indexed.Near = nil
	}
	if asJSON {
		return exitOK, json.NewEncoder(a.text()).Encode(list)
	}
	w := tabwriter.NewWriter(a.text(), 0, 0, 2, ' ', 0)
	for _, f := range list {
		fmt.Fprintf(w, "%.4f\t%s\t%s\n", f.Score, shown(f.Path), shown(f.Title))
	}
	return exitOK, w.Flush()
}

// reportIndex measures searches with several numbers of lists.
func (a *app) reportIndex(out string) (int, error) {
	m, err := readManifest(out)
	if err != nil {
		return exitFatal, err
	}
	storage := index.Folder{FS: os.DirFS(out)}
	const queries = 200
	w := tabwriter.NewWriter(a.text(), 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "lists\trecall@10\tcompared\tbytes a search\t")
	for _, most := range []int{0, 1, 4, 16, 64, 256} {
		if m.Lists == 0 && most > 0 || most > m.Lists {
			break
		}
		q, err := index.Report(a.ctx, m, storage, queries, most)
		if err != nil {
			return exitFatal, fmt.Errorf("%s: %w", shown(out), err)
		}
		note := ""
		if most == 0 {
			note = "(as searches are)"
		}
		fmt.Fprintf(w, "%.1f\t%.3f\t%.0f\t%.0f\t%s\n", q.Lists, q.Recall, q.Scored, q.Bytes, note)
	}
	if err := w.Flush(); err != nil {
		return exitFatal, err
	}
	fmt.Fprintf(a.text(), "%d pictures, %d lists; %d of them as queries, against comparing with all %d-bit vectors\n", m.Count, m.Lists, min(queries, m.Count), 8)
	return exitOK, nil
}
