package index

import (
	"context"
	"encoding/json"
	"slices"
)

// Tag is a word that some items have.
type Tag struct {
	Name string `json:"name"`
	// Items are their numbers, each after the first as the distance from the one
	// before.
	Items []int `json:"items"`
}

// tagged lists the tags, most frequent first, then by name.
func (b *builder) tagged() ([]byte, int, error) {
	if b.in.Tags == nil {
		return nil, 0, nil
	}
	at, last := map[string]int{}, map[string]int{}
	var tags []Tag
	for item, i := range b.items {
		for _, name := range b.in.Tags(i) {
			t, ok := at[name]
			if !ok {
				t = len(tags)
				at[name] = t
				tags = append(tags, Tag{Name: name})
			} else if last[name] == item {
				continue
			}
			tags[t].Items = append(tags[t].Items, item-last[name])
			last[name] = item
		}
	}
	if len(tags) == 0 {
		return nil, 0, nil
	}
	slices.SortFunc(tags, func(x, y Tag) int {
		if len(x.Items) != len(y.Items) {
			return len(y.Items) - len(x.Items)
		}
		if x.Name < y.Name {
			return -1
		}
		return 1
	})
	data, err := json.Marshal(tags)
	return data, len(tags), err
}

// Tagged reads which items have a tag. ok: there is such a tag.
func (x *Index) Tagged(ctx context.Context, name string) (filter Filter, ok bool, err error) {
	if x.m.Tags == 0 {
		return nil, false, nil
	}
	parts, err := x.storage.Read(ctx, []Range{{x.m.File(KindTags, 0), 0, -1}})
	if err != nil {
		return nil, false, err
	}
	var tags []Tag
	if err := json.Unmarshal(parts[0], &tags); err != nil || len(tags) != x.m.Tags {
		return nil, false, damaged("the file of tags")
	}
	for _, t := range tags {
		if t.Name == name {
			has := make([]bool, x.m.Count)
			at := 0
			for _, step := range t.Items {
				if at += step; step < 0 || at >= x.m.Count {
					return nil, false, damaged("the file of tags")
				}
				has[at] = true
			}
			return func(item int) bool { return has[item] }, true, nil
		}
	}
	return nil, false, nil
}
