// Command index measures an index of many pictures: recall@10 against exact
// search, and what a search reads and takes.
//
//	go run ./tools/peers/index -pictures FOLDER -count 1000000 -o bin/index
//
// The vectors are of random parts of the pictures in the folder, half to all of
// each side long; without a folder they are drawn about random centres. Parts of
// pictures that are not in the index are the queries.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"likeness/engine"
	"likeness/engine/index"
	"likeness/engine/picture"
	"likeness/engine/search"
)

func main() {
	log.SetFlags(0)
	pictures := flag.String("pictures", "", "`FOLDER` of pictures")
	count := flag.Int("count", 1000000, "vectors")
	model := flag.String("model", "models/likeness_v1.safetensors", "model `FILE`")
	out := flag.String("o", "bin/index", "`FOLDER` to write the index to")
	queries := flag.Int("queries", 500, "searches")
	flag.Parse()
	if err := run(*pictures, *model, *out, *count, *queries); err != nil {
		log.Fatal(err)
	}
}

func run(folder, model, out string, count, queries int) error {
	dim, vectors := 320, []float32(nil)
	start := time.Now()
	if folder == "" {
		vectors = clustered(count+queries, dim)
	} else {
		var err error
		if vectors, dim, err = parts(folder, model, count, queries); err != nil {
			return err
		}
	}
	fmt.Printf("%d vectors of %d values in %.0f s\n", count, dim, time.Since(start).Seconds())
	data, asked := vectors[queries*dim:], vectors[:queries*dim]
	start = time.Now()
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	in := index.Input{Data: data, Dim: dim, Source: index.Source{Model: "likeness_v1", Layer: "default", Pool: "avg"},
		Path: func(i int) string { return fmt.Sprintf("part/%07d.jpg", i) },
		Record: func(i, item int, near []index.Match) ([]byte, error) {
			pairs := make([][2]float32, len(near))
			for k, m := range near {
				pairs[k] = [2]float32{float32(m.Item), float32(int(m.Score*1e4)) / 1e4}
			}
			return json.Marshal(map[string]any{"path": fmt.Sprintf("part/%07d.jpg", i), "title": fmt.Sprintf("Part %d", i), "near": pairs})
		}}
	bytes, n := int64(0), 0
	m, err := index.Build(context.Background(), in, index.Options{}, func(name string, data []byte) error {
		bytes, n = bytes+int64(len(data)), n+1
		path := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o666)
	})
	if err != nil {
		return err
	}
	fmt.Printf("built in %.0f s: %d lists, %d files, %d MB\n", time.Since(start).Seconds(), m.Lists, n, bytes/1e6)
	return measure(m, out, data, asked, dim)
}

// measure compares searches with exact ones over the vectors as they were.
func measure(m *index.Manifest, out string, data, asked []float32, dim int) error {
	truth, err := search.Among(asked, data, dim, 10, search.Options{})
	if err != nil {
		return err
	}
	x, err := index.Open(context.Background(), m, index.Folder{FS: os.DirFS(out)})
	if err != nil {
		return err
	}
	first, err := os.Stat(filepath.Join(out, filepath.FromSlash(m.File(index.KindLists, 0))))
	if err != nil {
		return err
	}
	var found int
	var lists, scored float64
	var read []int64
	var spent []time.Duration
	for i := range truth.N {
		start := time.Now()
		a, err := x.Search(context.Background(), asked[i*dim:][:dim], 10, nil)
		if err != nil {
			return err
		}
		spent = append(spent, time.Since(start))
		items := make([]int, len(a.Matches))
		for k, match := range a.Matches {
			items[k] = match.Item
		}
		records, err := x.Records(context.Background(), items)
		if err != nil {
			return err
		}
		near, _ := truth.Of(i)
		files := map[int]bool{}
		for k, r := range records {
			var record struct{ Path string }
			if err := json.Unmarshal(r, &record); err != nil {
				return err
			}
			var number int32
			fmt.Sscanf(record.Path, "part/%d.jpg", &number)
			if slices.Contains(near, number) {
				found++
			}
			files[items[k]/m.Items] = true
		}
		for f := range files {
			info, err := os.Stat(filepath.Join(out, filepath.FromSlash(m.File(index.KindItems, f))))
			if err != nil {
				return err
			}
			a.Bytes += info.Size()
		}
		read = append(read, a.Bytes)
		lists, scored = lists+float64(a.Lists), scored+float64(a.Scored)
	}
	slices.Sort(read)
	slices.Sort(spent)
	n := float64(truth.N)
	fmt.Printf("%d searches: recall@10 %.4f; lists %.1f, items compared %.0f in the mean\n", truth.N, float64(found)/n/10, lists/n, scored/n)
	fmt.Printf("bytes a search, with the records of what is found: median %d, 95 %% below %d; the first reads %d more\n", read[len(read)/2], read[len(read)*95/100], first.Size())
	fmt.Printf("milliseconds a search, natively, files in memory: median %.2f, 95 %% below %.2f\n", spent[len(spent)/2].Seconds()*1e3, spent[len(spent)*95/100].Seconds()*1e3)
	return nil
}

// clustered draws vectors about 4,096 centres.
func clustered(n, dim int) []float32 {
	r := rand.New(rand.NewPCG(1, 2))
	centres := make([]float32, 4096*dim)
	for i := range centres {
		centres[i] = float32(r.NormFloat64())
	}
	out := make([]float32, n*dim)
	for i := range n {
		c := centres[r.IntN(4096)*dim:][:dim]
		for k := range dim {
			out[i*dim+k] = c[k] + float32(r.NormFloat64())
		}
	}
	return out
}

// parts computes vectors of parts of pictures; those of the last pictures, one
// of each, come first: they are the queries.
func parts(folder, model string, count, queries int) ([]float32, int, error) {
	var names []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if len(names) < 2*queries {
		return nil, 0, fmt.Errorf("%s has %d pictures, %d or more are wanted", folder, len(names), 2*queries)
	}
	file, err := os.ReadFile(model)
	if err != nil {
		return nil, 0, err
	}
	net, err := engine.Load(file)
	if err != nil {
		return nil, 0, err
	}
	layer := net.DefaultLayer()
	probe, err := net.NewSession(layer)
	if err != nil {
		return nil, 0, err
	}
	dim, err := probe.VectorLen(layer, engine.PoolAvg)
	if err != nil {
		return nil, 0, err
	}
	indexed := len(names) - queries
	each := (count + indexed - 1) / indexed
	out := make([]float32, (queries+count)*dim)
	var mu sync.Mutex
	var wg sync.WaitGroup
	next, failed := 0, error(nil)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			s, err := net.NewSession(layer)
			for err == nil {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(names) {
					return
				}
				from, to := queries+i*each, min(queries+(i+1)*each, queries+count)
				if i >= indexed {
					from, to = i-indexed, i-indexed+1
				}
				if i%3000 == 0 {
					log.Printf("picture %d of %d", i, len(names))
				}
				err = embedParts(s, layer, names[i], uint64(i), out, dim, from, to)
			}
			mu.Lock()
			failed = err
			mu.Unlock()
		})
	}
	wg.Wait()
	return out, dim, failed
}

// embedParts writes the vectors from..to-1 of random parts of one picture.
func embedParts(s *engine.Session, layer, name string, seed uint64, out []float32, dim, from, to int) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	px, _, err := picture.Decode(data, picture.Limits{})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r := rand.New(rand.NewPCG(seed, 7))
	for i := from; i < to; i++ {
		w, h := px.W/2+r.IntN(px.W/2+1), px.H/2+r.IntN(px.H/2+1)
		x, y := r.IntN(px.W-w+1), r.IntN(px.H-h+1)
		part := &picture.Pixels{W: w, H: h, Pix: make([]byte, 0, 4*w*h)}
		for row := range h {
			part.Pix = append(part.Pix, px.Pix[4*((y+row)*px.W+x):][:4*w]...)
		}
		if err := s.Run(part); err != nil {
			return err
		}
		v, err := s.Vector(layer, engine.PoolAvg, true)
		if err != nil {
			return err
		}
		copy(out[i*dim:], v)
	}
	return nil
}
