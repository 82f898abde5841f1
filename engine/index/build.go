package index

import (
	"context"
	"fmt"
	"math"

	"likeness/engine/search"
)

// Input is a collection to be indexed.
type Input struct {
	Data   []float32 // the vectors, one after the other
	Dim    int
	Source Source
	// Record returns what is known of the item that was number i in Data, JSON
	// as models/INDEX.md has it. near are the items most like it. Numbers are
	// those in the index, which may have another order.
	Record func(i, item int, near []Match) ([]byte, error)
	// Path returns the path by which the item that was number i is found; it may
	// be nil.
	Path func(i int) string
	// Tags returns the tags of the item that was number i; it may be nil.
	Tags func(i int) []string
	// Thumb returns the small picture of the item that was number i; nil where
	// small pictures are none of the index's files.
	Thumb    func(i int) ([]byte, error)
	Pictures *Pictures
}

// Options choose between ways of building. The zero value is good.
type Options struct {
	// ExactLimit is the number of items up to which every vector is compared; 0
	// stands for 20,000.
	ExactLimit int
	// Neighbours is how many of the items most like it each record names; 0
	// stands for 12.
	Neighbours int
	Seed       uint64
	// Check is told the share that is done.
	Check search.Check
}

// Write takes a finished file. Names have slashes.
type Write func(name string, data []byte) error

// The measure of an index.
const (
	exactLimit  = 20000
	near        = 12
	fileBytes   = 1 << 18 // of codes and vectors, unless there would be too many files
	mostFiles   = 4000    // of each kind
	leastItems  = 64      // in a file of records or small pictures
	rerank      = 300
	coverage    = .985  // of the ten nearest in the lists looked through
	stranger    = 1.5   // how much farther from its nearest list a new picture is than one of the collection
	mostCodes   = 560e3 // bytes of codes that a search reads at most
	leastLists  = 4
	calibration = 2000 // items from which the margin is learned
)

// Build writes an index, its manifest last, and returns the manifest. The same
// input gives the same bytes, on every platform.
func Build(ctx context.Context, in Input, o Options, write Write) (*Manifest, error) {
	b := &builder{in: in, o: o, write: write, n: 0}
	if in.Dim < 1 || in.Dim > maxDim || len(in.Data)%in.Dim != 0 {
		return nil, fmt.Errorf("index: vectors of %d values: 1 to %d are wanted", in.Dim, maxDim)
	}
	if b.n = len(in.Data) / in.Dim; b.n < 1 || b.n > maxCount {
		return nil, fmt.Errorf("index: %d items: 1 to %d are wanted", b.n, maxCount)
	}
	if b.o.ExactLimit == 0 {
		b.o.ExactLimit = exactLimit
	}
	if b.o.Neighbours == 0 {
		b.o.Neighbours = near
	}
	for _, step := range []func(context.Context) error{b.compare, b.order, b.encode, b.records, b.name, b.files} {
		if err := step(ctx); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
	}
	return &b.m, nil
}

type builder struct {
	in    Input
	o     Options
	write Write
	n     int
	m     Manifest

	set     *search.Set
	nearest *search.Neighbours
	home    []int32 // the list of each of the input's vectors
	items   []int   // which of the input's vectors each item is
	number  []int   // which item each of the input's vectors is
	vectors []int8
	codes   []byte
	lists   *lists
	record  [][]byte
	tags    []byte
}

func (b *builder) check(from, to float64) search.Check {
	if b.o.Check == nil {
		return nil
	}
	return func(done float64) error { return b.o.Check(from + float64((to-from)*done)) }
}

// compare finds the items most like each.
func (b *builder) compare(ctx context.Context) (err error) {
	if b.set, err = search.NewSet(b.in.Data, b.in.Dim); err != nil {
		return err
	}
	b.nearest, err = search.Nearest(b.in.Data, b.in.Dim, max(b.o.Neighbours, 10), search.Options{Seed: b.o.Seed, Check: b.check(0, .5)})
	return err
}

// order divides a large collection among lists, and numbers the items by them.
func (b *builder) order(ctx context.Context) error {
	b.m = Manifest{Format: FormatName, Count: b.n, Dim: b.in.Dim, Source: b.in.Source, Pictures: b.in.Pictures}
	b.items, b.number = make([]int, 0, b.n), make([]int, b.n)
	if b.n <= b.o.ExactLimit {
		for i := range b.n {
			b.items, b.number[i] = append(b.items, i), i
		}
		return nil
	}
	b.m.Lists = min(max(int(math.Round(4*math.Sqrt(float64(b.n)))), leastLists), b.n)
	centres, err := search.Centres(b.set, b.m.Lists, b.o.Seed, b.check(.5, .7))
	if err != nil {
		return err
	}
	if b.home, err = b.set.Assign(centres); err != nil {
		return err
	}
	sequence, err := chain(centres)
	if err != nil {
		return err
	}
	members := make([][]int, b.m.Lists)
	for i, l := range b.home {
		members[l] = append(members[l], i)
	}
	rank := make([]int32, b.m.Lists)
	b.lists = &lists{check: make([]uint32, b.m.Lists)}
	centre8 := make([]int8, b.n0())
	for at, l := range sequence {
		rank[l] = int32(at)
		b.lists.start = append(b.lists.start, uint32(len(b.items)))
		for _, i := range members[l] {
			b.number[i] = len(b.items)
			b.items = append(b.items, i)
		}
		unit8(centre8[at*b.in.Dim:][:b.in.Dim], centres.Unit(l))
	}
	b.lists.start = append(b.lists.start, uint32(b.n))
	for i, l := range b.home {
		b.home[i] = rank[l]
	}
	b.vectors = centre8 // until encode
	return nil
}

func (b *builder) n0() int { return b.m.Lists * b.in.Dim }

// chain puts lists whose centres are alike beside each other, so that those of
// one search are often one range of bytes: from each to the nearest that is not
// placed yet.
func chain(centres *search.Set) ([]int, error) {
	n := centres.Len()
	data := make([]float32, 0, n*len(centres.Unit(0)))
	for i := range n {
		for _, x := range centres.Unit(i) {
			data = append(data, float32(x))
		}
	}
	nb, err := search.Nearest(data, len(centres.Unit(0)), 64, search.Options{Exact: true})
	if err != nil {
		return nil, err
	}
	order, placed, first := make([]int, 0, n), make([]bool, n), 0
	for at := 0; len(order) < n; {
		order, placed[at] = append(order, at), true
		next := -1
		index, _ := nb.Of(at)
		for _, j := range index {
			if !placed[j] {
				next = int(j)
				break
			}
		}
		for ; next < 0 && first < n; first++ {
			if !placed[first] {
				next = first
			}
		}
		at = next
	}
	return order, nil
}

// encode makes the vectors in 8 bits, the codes and the lists.
func (b *builder) encode(ctx context.Context) error {
	dim, centres := b.in.Dim, b.vectors
	b.vectors = make([]int8, b.n*dim)
	for item, i := range b.items {
		unit8(b.vectors[item*dim:][:dim], b.set.Unit(i))
	}
	if b.m.Lists == 0 {
		return nil
	}
	b.lists.mean, b.lists.spread = moments(b.vectors, dim)
	bytes := codeBytes(dim)
	b.codes, b.lists.centre = make([]byte, b.n*bytes), make([]byte, b.m.Lists*bytes)
	for i := range b.n {
		encode(b.codes[i*bytes:][:bytes], b.vectors[i*dim:][:dim], b.lists.mean)
	}
	for l := range b.m.Lists {
		encode(b.lists.centre[l*bytes:][:bytes], centres[l*dim:][:dim], b.lists.mean)
		b.lists.check[l] = checkOf(b.codes[int(b.lists.start[l])*bytes : int(b.lists.start[l+1])*bytes])
	}
	b.m.Rerank = rerank
	b.m.Least = min(leastLists, b.m.Lists)
	b.m.Most = min(max(int(mostCodes/float64(b.n*bytes)*float64(b.m.Lists)), b.m.Least), b.m.Lists)
	return b.calibrate()
}

// moments returns the mean of the unit vectors, and how far each value is from
// it on the average, the largest as maxSpread and none as 0.
func moments(vectors []int8, dim int) (mean []float32, spread []uint8) {
	n := len(vectors) / dim
	sum, length := make([]float64, dim), make([]float64, n)
	for i := range n {
		v := vectors[i*dim:][:dim]
		if length[i] = lengthOf(v); length[i] > 0 {
			for k, x := range v {
				sum[k] += float64(x) / length[i]
			}
		}
	}
	mean = make([]float32, dim)
	for k := range mean {
		mean[k] = float32(sum[k] / float64(n))
	}
	clear(sum)
	most := 0.0
	for i := range n {
		if length[i] > 0 {
			for k, x := range vectors[i*dim:][:dim] {
				sum[k] += math.Abs(float64(x)/length[i] - float64(mean[k]))
			}
		}
	}
	for _, x := range sum {
		most = max(most, x)
	}
	spread = make([]uint8, dim)
	for k := range spread {
		spread[k] = 1
		if most > 0 {
			spread[k] = uint8(max(math.RoundToEven(sum[k]*maxSpread/most), 1))
		}
	}
	return mean, spread
}

// tell says that a share of the files is written.
func (b *builder) tell(done float64) error {
	if check := b.check(.8, 1); check != nil {
		return check(done)
	}
	return nil
}
