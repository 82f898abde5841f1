package index

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
)

// files writes all, the manifest last.
func (b *builder) files(ctx context.Context) error {
	m := &b.m
	dim := m.Dim
	type kind struct {
		name     string
		each     int
		contents func(first, last int) ([]byte, error)
	}
	kinds := []kind{{KindVectors, m.Vectors, func(first, last int) ([]byte, error) { return b.rows(first, last), nil }},
		{KindItems, m.Items, func(first, last int) ([]byte, error) { return records(b.record[first:last]), nil }}}
	if m.Lists > 0 {
		bytes := codeBytes(dim)
		kinds = append(kinds, kind{KindCodes, m.Codes, func(first, last int) ([]byte, error) { return b.codes[first*bytes : last*bytes], nil }})
		if err := b.write(m.File(KindLists, 0), b.lists.marshal()); err != nil {
			return err
		}
	}
	if m.Tags > 0 {
		if err := b.write(m.File(KindTags, 0), b.tags); err != nil {
			return err
		}
	}
	if m.Paths > 0 {
		table := b.pathTable()
		kinds = append(kinds, kind{KindPaths, m.Paths, func(first, last int) ([]byte, error) { return table[8*first : 8*last], nil }})
	}
	if m.Thumbs > 0 {
		kinds = append(kinds, kind{KindThumbs, m.Thumbs, func(first, last int) ([]byte, error) {
			var all [][]byte
			for _, i := range b.items[first:last] {
				t, err := b.in.Thumb(i)
				if err != nil {
					return nil, err
				}
				all = append(all, t)
			}
			return records(all), nil
		}})
	}
	for at, k := range kinds {
		for n := range files(b.n, k.each) {
			if err := ctx.Err(); err != nil {
				return err
			}
			data, err := k.contents(n*k.each, min((n+1)*k.each, b.n))
			if err == nil {
				err = b.write(m.File(k.name, n), data)
			}
			if err != nil {
				return err
			}
		}
		if err := b.tell(float64(at+1) / float64(len(kinds))); err != nil {
			return err
		}
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return b.write(ManifestFile, append(data, '\n'))
}

// rows are the vectors of some items as a file has them.
func (b *builder) rows(first, last int) []byte {
	dim := b.m.Dim
	if b.m.Lists == 0 {
		return unsigned(b.vectors[first*dim : last*dim])
	}
	out := make([]byte, 0, (last-first)*(dim+checkBytes))
	for i := first; i < last; i++ {
		v := unsigned(b.vectors[i*dim:][:dim])
		out = binary.LittleEndian.AppendUint32(append(out, v...), checkOf(v))
	}
	return out
}

// records lays records out as [Record] reads them.
func records(all [][]byte) []byte {
	var out []byte
	at := 0
	for _, r := range all {
		out = binary.LittleEndian.AppendUint32(out, uint32(at))
		at += len(r)
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(at))
	for _, r := range all {
		out = append(out, r...)
	}
	return out
}

// records asks for what is known of each item.
func (b *builder) records(ctx context.Context) error {
	b.record = make([][]byte, b.n)
	for item, i := range b.items {
		if item%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		index, score := b.nearest.Of(i)
		matches := make([]Match, min(len(index), b.o.Neighbours))
		for r := range matches {
			matches[r] = Match{b.number[index[r]], score[r]}
		}
		var err error
		if b.record[item], err = b.in.Record(i, item, matches); err != nil {
			return err
		}
	}
	return nil
}

// name sets the manifest's numbers, and the generation by all that is indexed.
func (b *builder) name(ctx context.Context) (err error) {
	m := &b.m
	each := func(size, least int) int { return max(fileBytes/max(size, 1), least, files(b.n, mostFiles)) }
	m.Vectors = each(m.Dim+checkBytes, 1)
	m.Items = max(leastItems, files(b.n, mostFiles))
	if b.in.Thumb != nil {
		m.Thumbs = m.Items
	}
	if b.in.Path != nil {
		m.Paths = pathItems
	}
	if m.Lists > 0 {
		m.Codes = each(codeBytes(m.Dim), 1)
		m.Checks = []uint32{checkOf(b.lists.marshal())}
	} else {
		for first := 0; first < b.n; first += m.Vectors {
			m.Checks = append(m.Checks, checkOf(unsigned(b.vectors[first*m.Dim:min(first+m.Vectors, b.n)*m.Dim])))
		}
	}
	if b.tags, m.Tags, err = b.tagged(); err != nil {
		return err
	}
	head, err := json.Marshal(m)
	if err != nil {
		return err
	}
	h := sha256.New()
	h.Write(head)
	h.Write(unsigned(b.vectors))
	h.Write(b.codes)
	h.Write(b.tags)
	for _, r := range b.record {
		h.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(r))))
		h.Write(r)
	}
	m.Generation = hex.EncodeToString(h.Sum(nil))[:16]
	return m.Validate()
}
