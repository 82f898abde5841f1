package tune

import (
	"errors"
	"io"
	"testing"
)

// memoryFile is a Storage of so many bytes.
type memoryFile struct{ b []byte }

func (m *memoryFile) WriteAt(p []byte, off int64) (int, error) {
	if int(off)+len(p) > cap(m.b) {
		return 0, errors.New("no space left")
	}
	m.b = m.b[:max(len(m.b), int(off)+len(p))]
	return copy(m.b[off:], p), nil
}

func (m *memoryFile) ReadAt(p []byte, off int64) (int, error) {
	if int(off)+len(p) > len(m.b) {
		return 0, io.ErrUnexpectedEOF
	}
	return copy(p, m.b[off:]), nil
}

// Both caches give back what they were given, and say what is wrong.
func TestCaches(t *testing.T) {
	const views, each = 3, 5
	for name, c := range map[string]Cache{"memory": NewMemory(views, each), "file": NewFile(&memoryFile{make([]byte, 0, 4*views*each*2)}, views, each)} {
		value := func(picture, view, k int) int16 { return int16(picture*1000 - view*7000 + k*k - 3) }
		v := make([]int16, each)
		for picture := range 4 {
			for view := range views {
				for k := range v {
					v[k] = value(picture, view, k)
				}
				if err := c.Put(picture, view, v); err != nil {
					t.Fatal(name, err)
				}
			}
		}
		for picture := 3; picture >= 0; picture-- {
			for view := range views {
				if err := c.Get(v, picture, view); err != nil {
					t.Fatal(name, err)
				}
				for k := range v {
					if v[k] != value(picture, view, k) {
						t.Errorf("%s: picture %d view %d value %d is %d, want %d", name, picture, view, k, v[k], value(picture, view, k))
					}
				}
			}
		}
		for what, err := range map[string]error{"no such picture": c.Get(v, 4, 0), "no such view": c.Get(v, 0, views), "another length": c.Get(v[:2], 0, 0),
			"too many views": c.Put(0, views, v), "few values": c.Put(0, 0, v[:1])} {
			if codeOf(err) != CodeData {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
	}
	full := NewFile(&memoryFile{make([]byte, 0, 7)}, 1, each)
	if err := full.Put(0, 0, make([]int16, each)); codeOf(err) != CodeData {
		t.Errorf("no room: %v", err)
	}
}
