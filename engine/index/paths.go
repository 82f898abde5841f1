package index

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"slices"
)

// pathItems is how many entries a file of paths holds.
const pathItems = 1 << 14

// hashPath is the 32-bit FNV-1a hash of a path.
func hashPath(path string) uint32 {
	h := uint32(2166136261)
	for i := range len(path) {
		h = (h ^ uint32(path[i])) * 16777619
	}
	return h
}

// pathTable has for each item the hash of its path and its number, uint32,
// little-endian, sorted by hash, then number.
func (b *builder) pathTable() []byte {
	type entry struct{ hash, item uint32 }
	entries := make([]entry, b.n)
	for item, i := range b.items {
		entries[item] = entry{hashPath(b.in.Path(i)), uint32(item)}
	}
	slices.SortFunc(entries, func(x, y entry) int { return cmp.Or(cmp.Compare(x.hash, y.hash), cmp.Compare(x.item, y.item)) })
	out := make([]byte, 0, 8*b.n)
	for _, e := range entries {
		out = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(out, e.hash), e.item)
	}
	return out
}

// Find returns the item with a path, -1 if there is none.
func (x *Index) Find(ctx context.Context, path string) (int, error) {
	if x.m.Paths == 0 {
		return -1, nil
	}
	hash := hashPath(path)
	for n := range files(x.m.Count, x.m.Paths) {
		parts, err := x.storage.Read(ctx, []Range{{x.m.File(KindPaths, n), 0, -1}})
		if err != nil {
			return -1, err
		}
		table := parts[0]
		if len(table) != 8*min(x.m.Paths, x.m.Count-n*x.m.Paths) {
			return -1, damaged("%s", x.m.File(KindPaths, n))
		}
		for ; len(table) > 0; table = table[8:] {
			if binary.LittleEndian.Uint32(table) != hash {
				continue
			}
			item := int(binary.LittleEndian.Uint32(table[4:]))
			records, err := x.Records(ctx, []int{item})
			if err != nil {
				return -1, err
			}
			var record struct{ Path string }
			if json.Unmarshal(records[0], &record) == nil && record.Path == path {
				return item, nil
			}
		}
	}
	return -1, nil
}
