package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"likeness/engine"
	"likeness/engine/picture"
	"likeness/engine/vectors"
)

// perPack pictures lie in one file, one after the other: hosts limit the number
// of files, and slow lines should show something soon.
const perPack = 64

// emojiFolder is the sample collection in the site.
const emojiFolder = "samples/emoji"

// collection is samples/emoji/collection.json: a collection with its vectors
// that the page opens without running a network. The fields up to names are
// those that `likeness embed` writes beside an .npy file.
type collection struct {
	Model      string              `json:"model"`
	ModelHash  string              `json:"model_hash"`
	Layer      string              `json:"layer"`
	Pool       engine.Pool         `json:"pool"`
	Normalized bool                `json:"normalized"`
	Format     string              `json:"format"`
	Dim        int                 `json:"dim"`
	Prepare    picture.Preparation `json:"prepare"`
	Count      int                 `json:"count"`
	Names      []string            `json:"names"`
	Labels     []string            `json:"label"` // of each picture
	Sizes      []int               `json:"size"`  // bytes of each picture's file
	Type       string              `json:"type"`  // of the pictures
	Side       int                 `json:"side"`  // of the pictures, in pixels
	Title      string              `json:"title"`
	License    string              `json:"license"`
	Credit     string              `json:"credit"`
	Vectors    string              `json:"vectors"`  // path in the site of the .npy file
	Packs      []string            `json:"packs"`    // paths of the files with the pictures
	PerPack    int                 `json:"per_pack"` // pictures in each but the last
	Foretaste  []string            `json:"foretaste"`
}

// foretaste are pictures that the start page shows.
var foretaste = []string{"dog face", "sunflower", "racing car", "hamburger", "penguin", "house with garden", "rocket", "strawberry", "octopus"}

func (s *site) copyEmoji() error {
	list, err := readEmoji()
	if err != nil {
		return err
	}
	if list == nil {
		fmt.Fprintln(os.Stderr, "site: no sample collection: npm ci in web/ fetches it")
		return nil
	}
	net, values, err := s.emojiVectors(list)
	if err != nil {
		return err
	}
	c := &collection{
		Model: net.Name(), ModelHash: net.Hash(), Layer: net.DefaultLayer(), Pool: engine.PoolAvg, Normalized: true,
		Format: "npy", Dim: len(values) / len(list), Prepare: net.Preparation(), Count: len(list),
		Type: "image/webp", Side: 256, Title: "Emoji", License: emojiFolder + "/LICENSE.txt",
		Credit:  "Fluent Emoji by Microsoft, packed by LobeHub as @lobehub/fluent-emoji-3d, MIT licence; names from Unicode",
		Vectors: emojiFolder + "/vectors.npy", PerPack: perPack, Foretaste: []string{},
	}
	for _, e := range list {
		c.Names, c.Labels, c.Sizes = append(c.Names, e.name), append(c.Labels, e.label), append(c.Sizes, len(e.data))
		short := strings.TrimSuffix(e.name[len(e.label)+1:], ".webp")
		if slices.Contains(foretaste, short) {
			to := "page/samples/" + strings.ReplaceAll(short, " ", "-") + ".webp"
			if err := s.write(to, e.data); err != nil {
				return err
			}
			c.Foretaste = append(c.Foretaste, to)
		}
	}
	if err := s.writePacks(c, list); err != nil {
		return err
	}
	npy, err := emojiNPY(list, values)
	if err != nil {
		return err
	}
	if err := s.write(c.Vectors, npy); err != nil {
		return err
	}
	if err := s.copy("tools/site/emoji-license.txt", c.License); err != nil {
		return err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return s.write(emojiFolder+"/collection.json", append(text, '\n'))
}

// writePacks writes the pictures in files of perPack.
func (s *site) writePacks(c *collection, list []emoji) error {
	for from := 0; from < len(list); from += perPack {
		var pack []byte
		for _, e := range list[from:min(from+perPack, len(list))] {
			pack = append(pack, e.data...)
		}
		name := fmt.Sprintf("%s/pictures-%02d.bin", emojiFolder, len(c.Packs))
		if err := s.write(name, pack); err != nil {
			return err
		}
		c.Packs = append(c.Packs, name)
	}
	return nil
}

// emojiVectors computes the vectors of the default model, or takes those of an
// earlier build for the same pictures and model. The engine may have changed
// since: some vectors are computed every time and must be the same.
func (s *site) emojiVectors(list []emoji) (*engine.Network, []float32, error) {
	data, err := s.read(defaultModel)
	if err != nil {
		return nil, nil, err
	}
	net, err := engine.Load(data)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, net.Hash(), net.DefaultLayer())
	for _, e := range list {
		sum.Write(e.data)
	}
	cache := filepath.Join("bin", "emoji-"+hex.EncodeToString(sum.Sum(nil))[:16]+".npy")
	if old, err := os.ReadFile(cache); err == nil {
		values, n, dim, err := vectors.ReadNPY(old)
		if err == nil && n == len(list) {
			const step = 97 // a few of every kind
			var some []emoji
			var want []float32
			for i := 0; i < n; i += step {
				some, want = append(some, list[i]), append(want, values[i*dim:][:dim]...)
			}
			if got, err := embedEmoji(net, some); err != nil || slices.Equal(got, want) {
				return net, values, err
			}
		}
	}
	fmt.Fprintf(os.Stderr, "site: computing the vectors of %d sample pictures\n", len(list))
	values, err := embedEmoji(net, list)
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll("bin", 0o755); err != nil {
		return nil, nil, err
	}
	npy, err := emojiNPY(list, values)
	if err != nil {
		return nil, nil, err
	}
	return net, values, os.WriteFile(cache, npy, 0o644)
}

// emojiNPY is the .npy file of the vectors.
func emojiNPY(list []emoji, values []float32) ([]byte, error) {
	set := &vectors.Set{Dim: len(values) / len(list), Data: values, Names: make([]string, len(list))}
	var b bytes.Buffer
	err := vectors.Write(&b, "npy", set)
	return b.Bytes(), err
}

// embedEmoji computes vectors, on all cores.
func embedEmoji(net *engine.Network, list []emoji) ([]float32, error) {
	layer := net.DefaultLayer()
	workers := min(runtime.GOMAXPROCS(0), len(list))
	rows, errs := make([][]float32, len(list)), make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			session, err := net.NewSession(layer)
			for i := w; i < len(list) && err == nil; i += workers {
				if rows[i], err = embedOne(session, layer, list[i].data); err != nil {
					err = fmt.Errorf("%s: %w", list[i].name, err)
				}
			}
			errs[w] = err
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(rows...), nil
}

func embedOne(s *engine.Session, layer string, data []byte) ([]float32, error) {
	p, err := picture.Open(data, picture.DefaultLimits)
	if err != nil {
		return nil, err
	}
	if err := s.RunPicture(p); err != nil {
		return nil, err
	}
	return s.Vector(layer, engine.PoolAvg, true)
}
