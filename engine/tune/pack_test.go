package tune

import (
	"bytes"
	"crypto/sha256"
	"os"
	"slices"
	"testing"

	"likeness/engine"
	"likeness/engine/picture"
)

// Size is that of Segment.
func (m *memoryFile) Size() (int64, error) { return int64(len(m.b)), nil }

// Truncate is that of Segment.
func (m *memoryFile) Truncate(n int64) error {
	m.b = m.b[:n]
	return nil
}

const packViews, packEach = 3, 5

var packKey = sha256.Sum256([]byte("key"))

func digestOf(i int) Digest { return sha256.Sum256([]byte{byte(i)}) }

func packValues(i int) [][]int16 {
	var views [][]int16
	for view := range packViews {
		v := make([]int16, packEach)
		for k := range v {
			v[k] = int16(i*1000 - view*7000 + k*k - 3)
		}
		views = append(views, v)
	}
	return views
}

func packNote(i int) []byte { return bytes.Repeat([]byte{'n'}, i%4*11) }

// packOf opens a pack of segments.
func packOf(t *testing.T, segments ...*memoryFile) *Pack {
	t.Helper()
	p := NewPack(packKey, packViews, packEach)
	for _, s := range segments {
		if err := p.Append(s); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func room(n int) *memoryFile { return &memoryFile{make([]byte, 0, n)} }

// found are the pictures that a pack has, of 0..n-1; what it has is right.
func found(t *testing.T, p *Pack, n int) (all []int) {
	t.Helper()
	k := NewKept(p)
	for i := range n {
		note, ok := p.Find(digestOf(i))
		if !ok {
			continue
		}
		all = append(all, i)
		k.Take(digestOf(i))
		got := make([]int16, packEach)
		for view, want := range packValues(i) {
			if err := k.Get(got, len(all)-1, view); err != nil || !slices.Equal(got, want) || !bytes.Equal(note, packNote(i)) {
				t.Errorf("picture %d view %d: %v, %v, note %q", i, view, got, err, note)
			}
		}
	}
	return all
}

func add(t *testing.T, p *Pack, which ...int) {
	t.Helper()
	for _, i := range which {
		if err := p.Add(digestOf(i), Bytes(packValues(i)), packNote(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// What was added is there in the next run; what was cut off or damaged is not, and
// can be added again.
func TestPack(t *testing.T) {
	s := room(1 << 12)
	add(t, packOf(t, s), 0, 1, 2, 3)
	if got := found(t, packOf(t, s), 6); !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Fatalf("found %v", got)
	}
	whole := slices.Clone(s.b)
	for cut := range len(whole) {
		short := &memoryFile{append(make([]byte, 0, 1<<12), whole[:cut]...)}
		p := packOf(t, short)
		got := found(t, p, 4)
		for k, i := range got {
			if k != i {
				t.Errorf("of %d bytes: found %v", cut, got)
			}
		}
		add(t, p, 0, 1, 2, 3)
		if got := found(t, packOf(t, short), 4); len(got) != 4 {
			t.Fatalf("of %d bytes, added again: found %v", cut, got)
		}
	}
	for at := range whole {
		bad := &memoryFile{append(make([]byte, 0, 1<<12), whole...)}
		bad.b[at] ^= 0x41
		p := packOf(t, bad)
		if got := found(t, p, 4); len(got) == 4 {
			t.Errorf("byte %d is another: found %v", at, got)
		}
		add(t, p, 0, 1, 2, 3)
		if got := found(t, packOf(t, bad), 4); len(got) != 4 {
			t.Errorf("byte %d was another, added again: found %v", at, got)
		}
	}
}

// What another viewer has made is not taken.
func TestPackOfOther(t *testing.T) {
	s := room(1 << 12)
	add(t, packOf(t, s), 0, 1)
	other := NewPack(sha256.Sum256([]byte("another")), packViews, packEach)
	if err := other.Append(s); err != nil {
		t.Fatal(err)
	}
	if got := found(t, other, 4); len(got) > 0 || len(s.b) != packHeader {
		t.Errorf("found %v, %d bytes", got, len(s.b))
	}
}

func TestPackSegments(t *testing.T) {
	a, b := room(1<<12), room(1<<12)
	add(t, packOf(t, a), 0, 1)
	add(t, packOf(t, b), 2, 1)
	p := packOf(t, a, b)
	if _, ok := p.Find(digestOf(2)); !ok || p.Full() {
		t.Error("a picture of the second segment is not found, or it is full")
	}
	if got := p.Unused(); !slices.Equal(got, []int{0}) {
		t.Errorf("unused are %v", got)
	}
	if got := found(t, p, 3); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("found %v", got)
	}
	if !NewPack(packKey, packViews, packEach).Full() {
		t.Error("there is room without a segment")
	}
}

// Where there is no room, what was there stays, and the others go into another
// cache.
func TestPackWithoutRoom(t *testing.T) {
	p := NewPack(packKey, packViews, packEach)
	s := room(packHeader + int(p.PictureBytes()) + 20)
	if err := p.Append(s); err != nil {
		t.Fatal(err)
	}
	add(t, p, 0)
	k := NewKept(p)
	k.Take(digestOf(0))
	if err := p.Add(digestOf(1), Bytes(packValues(1)), nil); codeOf(err) != CodeData {
		t.Fatalf("no room: %v", err)
	}
	if err := k.Put(1, 0, packValues(1)[0]); codeOf(err) != CodeData {
		t.Fatalf("no other cache: %v", err)
	}
	k.Rest = NewMemory(packViews, packEach)
	for i := 1; i < 3; i++ {
		for view, values := range packValues(i) {
			if err := k.Put(i, view, values); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := make([]int16, packEach)
	for i := range 3 {
		for view, want := range packValues(i) {
			if err := k.Get(got, i, view); err != nil || !slices.Equal(got, want) {
				t.Errorf("picture %d view %d: %v, %v", i, view, got, err)
			}
		}
	}
	for what, err := range map[string]error{"no such picture": k.Get(got, 3, 0), "no such view": k.Get(got, 0, packViews), "in the pack": k.Put(0, 0, got),
		"too far": k.Put(9, 0, got), "few bytes": p.Add(digestOf(3), make([]byte, 4), nil), "a long note": p.Add(digestOf(3), Bytes(packValues(3)), make([]byte, mostNote+1))} {
		if codeOf(err) != CodeData {
			t.Errorf("%s: %v", what, err)
		}
	}
	if got := found(t, packOf(t, s), 3); !slices.Equal(got, []int{0}) {
		t.Errorf("in the next run: found %v", got)
	}
}

// Viewers have the same key where they give the same views, and only there.
func TestViewerKey(t *testing.T) {
	data, err := os.ReadFile("../../models/likeness_v1.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	net, err := engine.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	key := func(from, layer string, o ViewOptions) Digest {
		v, err := NewViewer(net, from, layer, o)
		if err != nil {
			t.Fatal(err)
		}
		return v.Key()
	}
	first := key(late, "", DefaultViews)
	if key(late, net.DefaultLayer(), DefaultViews) != first || key(late, "", ViewOptions{Views: 1}) != key(late, "", ViewOptions{Seed: 7}) {
		t.Error("another key of the same views")
	}
	seen := map[Digest]string{first: "the default"}
	for name, change := range map[string]func(o *ViewOptions){"seed": func(o *ViewOptions) { o.Seed = 1 }, "views": func(o *ViewOptions) { o.Views = 3 }, "one": func(o *ViewOptions) { o.Views = 1 },
		"flip": func(o *ViewOptions) { o.Flip = false }, "crop": func(o *ViewOptions) { o.Crop = 0.5 }, "colour": func(o *ViewOptions) { o.Colour = 0 }, "resize": func(o *ViewOptions) { o.Resize = picture.ResizeFit }} {
		o := DefaultViews
		change(&o)
		k := key(late, "", o)
		if other, ok := seen[k]; ok {
			t.Errorf("%s has the key of %s", name, other)
		}
		seen[k] = name
	}
	if _, ok := seen[key("expanded_conv_15/add", "", DefaultViews)]; ok {
		t.Error("another layer has the same key")
	}
}
