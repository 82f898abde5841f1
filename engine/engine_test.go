package engine_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"likeness/engine"
	"likeness/engine/internal/testnet"
	"likeness/engine/learn"
	"likeness/engine/model"
	"likeness/engine/picture"
	"likeness/engine/tune"
)

// file is a model file with a layer of every kind.
func file(t testing.TB) []byte {
	var b bytes.Buffer
	if err := model.Write(&b, &testnet.All(7).File); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func network(t testing.TB) *engine.Network {
	n, err := engine.Load(file(t))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// noise is a seeded picture with some structure at every scale.
func noise(seed uint64, w, h int) *picture.Pixels {
	rng := rand.New(rand.NewPCG(seed, 3))
	p := &picture.Pixels{W: w, H: h, Pix: make([]byte, 4*w*h)}
	for i := range w * h {
		for c := range 3 {
			p.Pix[4*i+c] = byte(i%w*(c+1) + i/w*2 + rng.IntN(64))
		}
		p.Pix[4*i+3] = 255
	}
	return p
}

// TestGoldenVectors pins the bits of vectors. The same constants hold on every
// platform and kernel body; changing them breaks every stored index.
func TestGoldenVectors(t *testing.T) {
	n := network(t)
	for _, c := range []struct {
		layer     string
		pool      engine.Pool
		normalize bool
		size      int
		want      string
	}{
		{"scaled", engine.PoolAvg, true, 30, goldenScaled},
		{"depthwise", engine.PoolMax, false, 26, goldenDepthwise},
		{"padded", engine.PoolFlatten, true, 5 * 6 * 30, goldenPadded},
		{"probabilities", engine.PoolNone, false, 11, goldenProbabilities},
		{"scaled", engine.PoolGem, true, 30, goldenGem},
		{"depthwise", "gem:4.5", false, 26, goldenGemOther},
	} {
		s, err := n.NewSession(c.layer)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		resize := n.Preparation().Resize
		for _, px := range []*picture.Pixels{noise(1, 29, 33), noise(2, 120, 77), noise(3, 5, 40)} {
			how := resize
			if p := n.Preparation(); px.W == p.Width && px.H == p.Height {
				how = picture.ResizeNone
			}
			if err := s.Resize(how); err != nil {
				t.Fatal(err)
			}
			if err := s.Run(px); err != nil {
				t.Fatal(err)
			}
			v, err := s.Vector(c.layer, c.pool, c.normalize)
			if err != nil {
				t.Fatal(err)
			}
			if len(v) != c.size {
				t.Errorf("%s %s: %d values, want %d", c.layer, c.pool, len(v), c.size)
			}
			if err := binary.Write(sum, binary.LittleEndian, v); err != nil {
				t.Fatal(err)
			}
		}
		if got := hex.EncodeToString(sum.Sum(nil))[:16]; got != c.want {
			t.Errorf("%s %s on %s: vectors hash to %s, want %s", c.layer, c.pool, engine.Backend(), got, c.want)
		}
	}
}

func TestNormalized(t *testing.T) {
	s, err := network(t).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(noise(4, 64, 64)); err != nil {
		t.Fatal(err)
	}
	v, err := s.Vector("", engine.PoolAvg, true)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("squared length %g", sum)
	}
}

// TestAdopt: a file that is adopted gives the network that Load gives of it, in
// the memory of the file, and the hash that it is told.
func TestAdopt(t *testing.T) {
	data := file(t)
	loaded, err := engine.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	adopted, err := engine.Adopt(slices.Clone(data), func() (string, error) {
		asked++
		return "told", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if adopted.Hash() != "told" || asked != 1 {
		t.Errorf("hash %q, asked for %d times", adopted.Hash(), asked)
	}
	if sum := sha256.Sum256(data); loaded.Hash() != hex.EncodeToString(sum[:]) {
		t.Errorf("Load has the hash %s", loaded.Hash())
	}
	var vectors [2][]float32
	for i, n := range []*engine.Network{loaded, adopted} {
		s, err := n.NewSession("padded")
		if err == nil {
			err = s.Run(noise(6, 64, 64))
		}
		if err == nil {
			vectors[i], err = s.Vector("padded", engine.PoolFlatten, false)
		}
		if err != nil {
			t.Fatal(err)
		}
		vectors[i] = slices.Clone(vectors[i])
	}
	if !slices.Equal(vectors[0], vectors[1]) {
		t.Error("the vectors differ")
	}
	failed := errors.New("no hash")
	if _, err := engine.Adopt(data, func() (string, error) { return "", failed }); err != failed {
		t.Errorf("of a hash that fails: %v", err)
	}
	_, err = engine.Adopt(data[:len(data)-1], func() (string, error) { t.Error("a damaged file is hashed"); return "", nil })
	if engine.CodeOf(err) != engine.CodeModelInvalid {
		t.Errorf("of a file cut short: %v", err)
	}
}

// TestConcurrentSessions: sessions share weights and plans, not arenas.
func TestConcurrentSessions(t *testing.T) {
	n := network(t)
	want := map[int][]float32{}
	s, _ := n.NewSession()
	for i := range 8 {
		if err := s.Run(noise(uint64(i), 50, 40)); err != nil {
			t.Fatal(err)
		}
		want[i], _ = s.Vector("", engine.PoolAvg, true)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := n.NewSession()
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Run(noise(uint64(i), 50, 40)); err != nil {
				t.Error(err)
				return
			}
			got, _ := s.Vector("", engine.PoolAvg, true)
			for j := range got {
				if got[j] != want[i][j] {
					t.Errorf("picture %d differs between sessions", i)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestErrors(t *testing.T) {
	n := network(t)
	_, err := n.NewSession("dephtwise")
	if !engine.IsCode(err, engine.CodeLayerUnknown) || !strings.Contains(err.Error(), "depthwise") {
		t.Errorf("unknown layer: %v, want a suggestion of depthwise", err)
	}
	if _, err := engine.ParsePool("mean"); !engine.IsCode(err, engine.CodePoolUnknown) {
		t.Errorf("unknown pooling: %v", err)
	}
	if _, err := engine.Load([]byte("not a model")); !engine.IsCode(err, engine.CodeModelInvalid) {
		t.Errorf("bad model: %v", err)
	}
	s, _ := n.NewSession("stem")
	if _, err := s.Vector("stem", engine.PoolAvg, true); !engine.IsCode(err, engine.CodeNotRun) {
		t.Errorf("vector before a run: %v", err)
	}
	var pe *picture.Error
	if err := s.Run(&picture.Pixels{}); !errors.As(err, &pe) {
		t.Errorf("picture of 0 x 0: %v", err)
	}
	if _, err := s.Vector("stem", engine.PoolAvg, true); !engine.IsCode(err, engine.CodeNotRun) {
		t.Errorf("vector after a failed run: %v", err)
	}
	if _, err := s.Vector("project", engine.PoolAvg, true); !engine.IsCode(err, engine.CodeLayerUnknown) {
		t.Errorf("layer outside the session: %v", err)
	}
}

func TestNoAllocationPerPicture(t *testing.T) {
	s, err := network(t).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	px := noise(5, 90, 80)
	dst := make([]float32, 30)
	run := func() {
		if err := s.Run(px); err != nil {
			t.Fatal(err)
		}
		if err := s.VectorInto(dst, "", engine.PoolAvg, true); err != nil {
			t.Fatal(err)
		}
	}
	run()
	if n := testing.AllocsPerRun(10, run); n > 0 {
		t.Errorf("%g allocations a picture after the first", n)
	}
}

// A picture taken in tiles has the mean of its tiles' vectors.
func TestTilesAreAveraged(t *testing.T) {
	n := network(t)
	p := n.Preparation()
	px := noise(9, p.Width*3-5, p.Height)
	for _, pool := range []engine.Pool{engine.PoolAvg, engine.PoolMax, engine.PoolFlatten, engine.PoolGem, "gem:4.5"} {
		s, err := n.NewSession("scaled", "padded")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Resize(picture.ResizeTiles); err != nil {
			t.Fatal(err)
		}
		if err := s.Run(px); err != nil {
			t.Fatal(err)
		}
		for _, layer := range []string{"scaled", "padded"} {
			got, err := s.Vector(layer, pool, false)
			if err != nil {
				t.Fatal(err)
			}
			want := make([]float64, len(got))
			one, err := n.NewSession(layer)
			if err != nil {
				t.Fatal(err)
			}
			if err := one.Resize(picture.ResizeNone); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				tile := &picture.Pixels{W: p.Width, H: p.Height}
				for y := range p.Height {
					at := 4 * (y*px.W + i*(px.W-p.Width)/2)
					tile.Pix = append(tile.Pix, px.Pix[at:at+4*p.Width]...)
				}
				if err := one.Run(tile); err != nil {
					t.Fatal(err)
				}
				v, err := one.Vector(layer, pool, false)
				if err != nil {
					t.Fatal(err)
				}
				for j, x := range v {
					want[j] += float64(x) / 3
				}
			}
			for j, x := range want {
				if d := x - float64(got[j]); d > 1e-5 || d < -1e-5 {
					t.Fatalf("%s %s: value %d is %g, the mean of the tiles %g", layer, pool, j, got[j], x)
				}
			}
		}
	}
	if s, _ := n.NewSession(); s.Resize("zoom") == nil {
		t.Error("an unknown resize passed")
	}
}

// Every package's refusals have their codes, wrapped or not.
func TestCodeOf(t *testing.T) {
	_, unreadable := picture.Open([]byte("no picture"), picture.DefaultLimits)
	for _, c := range []struct {
		err  error
		want string
	}{
		{unreadable, picture.CodeFormat},
		{fmt.Errorf("file: %w", &engine.Error{Code: engine.CodeNotRun}), engine.CodeNotRun},
		{&learn.Error{Code: learn.CodeDim}, learn.CodeDim},
		{&tune.Error{Code: tune.CodeLayer}, tune.CodeLayer},
		{errors.New("plain"), ""},
		{nil, ""},
	} {
		if got := engine.CodeOf(c.err); got != c.want || engine.IsCode(c.err, "other") {
			t.Errorf("%v: code %q, want %q", c.err, got, c.want)
		}
	}
}
