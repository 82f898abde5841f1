package index

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"likeness/engine/kernel"
)

// Range is a part of a file of the index. Length -1 stands for the whole file.
type Range struct {
	File           string
	Offset, Length int64
}

// Storage reads parts of files, several at once. The answer has the order of
// the ranges.
type Storage interface {
	Read(ctx context.Context, ranges []Range) ([][]byte, error)
}

// Index is an index opened for searches. Searches may run at the same time.
type Index struct {
	m       Manifest
	storage Storage
	lists   *lists // nil where every vector is compared
	all     []int8 // all vectors, where every vector is compared
	length  []float64
}

// Match is an item and its cosine with the query, -1..1.
type Match struct {
	Item  int     `json:"item"`
	Score float32 `json:"score"`
}

// Answer is what a search has found.
type Answer struct {
	Matches []Match
	Lists   int   // how many were looked through
	Scored  int   // how many items were compared with the query
	Bytes   int64 // read for it
}

// Open reads what all searches need: the file of lists, or all vectors.
func Open(ctx context.Context, m *Manifest, storage Storage) (*Index, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	x := &Index{m: *m, storage: storage}
	if m.Lists > 0 {
		parts, err := storage.Read(ctx, []Range{{m.File(KindLists, 0), 0, -1}})
		if err != nil {
			return nil, err
		}
		x.lists, err = readLists(parts[0], m)
		return x, err
	}
	return x, x.readAll(ctx)
}

// Manifest returns the manifest.
func (x *Index) Manifest() *Manifest { return &x.m }

func (x *Index) readAll(ctx context.Context) error {
	var ranges []Range
	for n := range files(x.m.Count, x.m.Vectors) {
		ranges = append(ranges, Range{x.m.File(KindVectors, n), 0, -1})
	}
	parts, err := x.storage.Read(ctx, ranges)
	if err != nil {
		return err
	}
	x.all = make([]int8, 0, x.m.Count*x.m.Dim)
	for n, part := range parts {
		if want := min(x.m.Vectors, x.m.Count-n*x.m.Vectors) * x.m.Dim; len(part) != want || checkOf(part) != x.m.Checks[n] {
			return damaged("%s", ranges[n].File)
		}
		x.all = append(x.all, signed(part)...)
	}
	x.length = make([]float64, x.m.Count)
	for i := range x.length {
		x.length[i] = lengthOf(x.all[i*x.m.Dim:][:x.m.Dim])
	}
	return nil
}

// Filter reports whether an item may be a match; nil lets all pass.
type Filter func(item int) bool

// Search finds the k items most like a vector of Dim values, best first, ties
// by item.
func (x *Index) Search(ctx context.Context, vector []float32, k int, filter Filter) (*Answer, error) {
	if len(vector) != x.m.Dim {
		return nil, fmt.Errorf("the vector has %d values, the index %d: it was made by another model or layer than %s of %s", len(vector), x.m.Dim, x.m.Source.Layer, x.m.Source.Model)
	}
	q, err := newQuery(vector)
	if err != nil {
		return nil, fmt.Errorf("the query: %w", err)
	}
	if x.lists == nil {
		return x.exact(q, k, filter), nil
	}
	return x.throughLists(ctx, q, k, filter)
}

func (x *Index) exact(q *query, k int, filter Filter) *Answer {
	const atOnce = 1024
	a := &Answer{Scored: x.m.Count}
	b := &best{k: k, worst: -2}
	products := make([]int32, atOnce)
	for from := 0; from < x.m.Count; from += atOnce {
		n := min(atOnce, x.m.Count-from)
		kernel.RowDots(products, x.all[from*x.m.Dim:], q.unit, n)
		for j, product := range products[:n] {
			i := from + j
			if score := q.share(product, x.length[i]); score >= b.worst && (filter == nil || filter(i)) {
				b.add(Match{i, score})
			}
		}
	}
	a.Matches = b.list
	a.keep(k)
	return a
}

// best gathers the k best matches: it holds up to twice as many and cuts them
// when they are full, so that most are looked at once.
type best struct {
	k     int
	list  []Match
	worst float32 // of the k best when they were cut last, below all cosines before that; what is lower cannot be among them
}

func (b *best) add(m Match) {
	b.list = append(b.list, m)
	if len(b.list) < 2*b.k {
		return
	}
	a := Answer{Matches: b.list}
	a.keep(b.k)
	b.list = a.Matches
	if b.k > 0 {
		b.worst = b.list[b.k-1].Score
	}
}

// keep sorts the matches and keeps the best.
func (a *Answer) keep(k int) {
	slices.SortFunc(a.Matches, func(p, q Match) int {
		return cmp.Or(cmp.Compare(q.Score, p.Score), cmp.Compare(p.Item, q.Item))
	})
	a.Matches = a.Matches[:min(k, len(a.Matches))]
}

func (x *Index) throughLists(ctx context.Context, q *query, k int, filter Filter) (*Answer, error) {
	q.prepare(x.lists.spread)
	probed := x.probe(q)
	a := &Answer{Lists: len(probed)}
	best, codes, err := x.scan(ctx, q, probed, max(x.m.Rerank, k), filter, a)
	if err != nil {
		return nil, err
	}
	items := make([]int, len(best))
	for i, c := range best {
		items[i] = c.item
	}
	vectors, err := x.vectors(ctx, items, a)
	if err != nil {
		return nil, err
	}
	code := make([]byte, codeBytes(x.m.Dim))
	for i, item := range items {
		encode(code, vectors[i], x.lists.mean)
		if string(code) != string(codes[item]) {
			return nil, damaged("the vector of item %d is not the one its code was made from", item)
		}
		a.Matches = append(a.Matches, Match{item, q.cosine(vectors[i], lengthOf(vectors[i]))})
	}
	a.keep(k)
	return a, nil
}

// probe chooses lists, the best first.
func (x *Index) probe(q *query) []int {
	bytes := codeBytes(x.m.Dim)
	order := make([]scored, x.m.Lists)
	for l := range order {
		order[l] = scored{x.centreScore(q, l, bytes), l}
	}
	slices.SortFunc(order, scored.compare)
	var probed []int
	for n, s := range order[:x.m.Most] {
		if n >= x.m.Least && int64(order[0].score)-int64(s.score) > int64(x.m.Margin) {
			break
		}
		probed = append(probed, s.item)
	}
	return probed
}

type scored struct {
	score int32
	item  int
}

// compare puts the higher score first, then the lower item.
func (s scored) compare(o scored) int {
	return cmp.Or(cmp.Compare(o.score, s.score), cmp.Compare(s.item, o.item))
}

// scan returns the best items of some lists by their codes, and those codes.
func (x *Index) scan(ctx context.Context, q *query, probed []int, keep int, filter Filter, a *Answer) ([]scored, map[int][]byte, error) {
	bytes := codeBytes(x.m.Dim)
	spans := make([]span, len(probed))
	for i, l := range probed {
		spans[i] = span{int(x.lists.start[l]), int(x.lists.start[l+1])}
	}
	parts, err := x.read(ctx, KindCodes, spans, x.m.Codes, bytes, a)
	if err != nil {
		return nil, nil, err
	}
	var all []scored
	for i, l := range probed {
		if checkOf(parts[i]) != x.lists.check[l] {
			return nil, nil, damaged("the codes of list %d", l)
		}
		first := spans[i].first
		for j := 0; j < spans[i].last-first; j++ {
			if filter == nil || filter(first+j) {
				all = append(all, scored{q.estimate(parts[i][j*bytes:][:bytes]), first + j})
			}
		}
		a.Scored += spans[i].last - first
	}
	slices.SortFunc(all, scored.compare)
	all = all[:min(keep, len(all))]
	codes := make(map[int][]byte, len(all))
	for _, c := range all {
		for i, s := range spans {
			if c.item >= s.first && c.item < s.last {
				codes[c.item] = parts[i][(c.item-s.first)*bytes:][:bytes]
			}
		}
	}
	return all, codes, nil
}

// vectors reads those of some items.
func (x *Index) vectors(ctx context.Context, items []int, a *Answer) ([][]int8, error) {
	spans := make([]span, len(items))
	for i, item := range items {
		spans[i] = span{item, item + 1}
	}
	parts, err := x.read(ctx, KindVectors, spans, x.m.Vectors, x.m.Dim+checkBytes, a)
	if err != nil {
		return nil, err
	}
	out := make([][]int8, len(items))
	for i, part := range parts {
		v := part[:x.m.Dim]
		if checkOf(v) != binary.LittleEndian.Uint32(part[x.m.Dim:]) {
			return nil, damaged("the vector of item %d", items[i])
		}
		out[i] = signed(v)
	}
	return out, nil
}

// maxRecord bounds a record.
const maxRecord = 1 << 24

// Records reads the records of some items, as [Build] was given them.
func (x *Index) Records(ctx context.Context, items []int) ([][]byte, error) {
	if x.m.Lists > 0 && len(items) < x.m.Items {
		return x.some(ctx, items)
	}
	return x.packed(ctx, KindItems, x.m.Items, items)
}

// some reads records one by one: first where they are, then them.
func (x *Index) some(ctx context.Context, items []int) ([][]byte, error) {
	places := make([]Range, len(items))
	for i, item := range items {
		if item < 0 || item >= x.m.Count {
			return nil, fmt.Errorf("there is no item %d among %d", item, x.m.Count)
		}
		places[i] = Range{x.m.File(KindItems, item/x.m.Items), 4 * int64(item%x.m.Items), 8}
	}
	offsets, err := x.storage.Read(ctx, places)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		if len(offsets[i]) != 8 {
			return nil, damaged("%s", places[i].File)
		}
		from, to := int64(binary.LittleEndian.Uint32(offsets[i])), int64(binary.LittleEndian.Uint32(offsets[i][4:]))
		if from > to || to-from > maxRecord {
			return nil, damaged("%s", places[i].File)
		}
		count := min(x.m.Items, x.m.Count-item/x.m.Items*x.m.Items)
		places[i].Offset, places[i].Length = 4*int64(count+1)+from, to-from
	}
	records, err := x.storage.Read(ctx, places)
	if err != nil {
		return nil, err
	}
	for i, r := range records {
		if int64(len(r)) != places[i].Length {
			return nil, damaged("%s", places[i].File)
		}
	}
	return records, nil
}

// packed reads what files of a kind, each holding so many, have of some items.
func (x *Index) packed(ctx context.Context, kind string, each int, items []int) ([][]byte, error) {
	var ranges []Range
	file := func(item int) Range { return Range{x.m.File(kind, item/each), 0, -1} }
	for _, item := range items {
		if item < 0 || item >= x.m.Count {
			return nil, fmt.Errorf("there is no item %d among %d", item, x.m.Count)
		}
		if r := file(item); !slices.Contains(ranges, r) {
			ranges = append(ranges, r)
		}
	}
	parts, err := x.storage.Read(ctx, ranges)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(items))
	for i, item := range items {
		part := parts[slices.Index(ranges, file(item))]
		count := min(each, x.m.Count-item/each*each)
		if out[i], err = Record(part, count, item%each); err != nil {
			return nil, damaged("%s", file(item).File)
		}
	}
	return out, nil
}

// Record finds one record in a file of count records: count+1 offsets, uint32,
// little-endian, of the records and of their end, counted from behind the
// offsets.
func Record(file []byte, count, i int) ([]byte, error) {
	head := 4 * (count + 1)
	if len(file) < head || i < 0 || i >= count {
		return nil, ErrDamaged
	}
	from, to := binary.LittleEndian.Uint32(file[4*i:]), binary.LittleEndian.Uint32(file[4*i+4:])
	if from > to || int64(to) > int64(len(file)-head) {
		return nil, ErrDamaged
	}
	return file[head+int(from) : head+int(to)], nil
}
